import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/**
 * Validates FHIR R4 resources, one a file, with what is in the jars and nothing else: no connection is opened.
 *
 * <p>Prints a line for each message, {@code file TAB severity TAB id TAB place TAB message}, and {@code file TAB done}
 * after the last one of a file: who reads them sees one that was left out.
 */
public final class Valider {
  public static void main(String[] files) throws Exception {
    FhirContext context = FhirContext.forR4Cached();
    ValidationSupportChain chain =
        new ValidationSupportChain(
            new DefaultProfileValidationSupport(context),
            new CommonCodeSystemsTerminologyService(context),
            new InMemoryTerminologyServerValidationSupport(context));
    FhirInstanceValidator instances = new FhirInstanceValidator(chain);
    FhirValidator validator = context.newValidator().registerValidatorModule(instances);
    for (String file : files) {
      String text = Files.readString(Path.of(file));
      for (SingleValidationMessage each : validator.validateWithResult(text).getMessages()) {
        print(file, each);
      }
      System.out.println(file + "\tdone");
    }
  }

  private static void print(String file, SingleValidationMessage each) {
    ResultSeverityEnum severity = each.getSeverity();
    String message = each.getMessage() == null ? "" : each.getMessage().replaceAll("\\s+", " ");
    System.out.println(
        String.join(
            "\t",
            file,
            severity == null ? "FATAL" : severity.name(),
            String.valueOf(each.getMessageId()),
            String.valueOf(each.getLocationString()),
            message));
  }
}
