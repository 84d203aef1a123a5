import { buffer } from 'node:stream/consumers';
import PDFDocument from 'pdfkit';

/** A page to upload: what a technicien scans after having seen the fault. */
export async function workSheet(interventionId: number): Promise<File> {
  const pdf = new PDFDocument({ size: 'A5', margin: 40 });
  pdf.fontSize(16).text(`Intervention ${interventionId}`).moveDown();
  pdf.fontSize(11).text('Fuite au niveau du circuit principal, joint de la vanne DN25 à remplacer.');
  pdf.end();
  const content = new Uint8Array(await buffer(pdf));
  return new File([content], `rapport_intervention_${interventionId}.pdf`, { type: 'application/pdf' });
}
