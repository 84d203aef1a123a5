import type { PasswordPolicy } from '../../domain/identite/passwords';
import type { Langue } from '../../domain/writing';

/** The document; what it does stands in `browser.js`. */
export function pageFor(langue: Langue, policy: PasswordPolicy): string {
  const t = TEXTES[langue];
  return `<!doctype html>
<html lang="${langue}" dir="${langue === 'ar' ? 'rtl' : 'ltr'}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${t.titre} · Régie</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/mot-de-passe/style.css">
    <script src="/mot-de-passe/browser.js" defer></script>
  </head>
  <body data-differents="${t.differents}" data-injoignable="${t.injoignable}"${t.reponses === null ? '' : ` data-reponses='${JSON.stringify(t.reponses)}'`}>
    <main>
      <p class="marque">Régie</p>
      <div class="carte">
        <h1>${t.titre}</h1>
        <noscript><p>${t.sansScript}</p></noscript>
        <ul id="erreurs" role="alert" hidden></ul>
        <p id="fait" role="status"></p>
        <form id="choisir" method="post" data-fait="${t.choisi}" hidden>
          <p id="regles">${t.regles[policy]}</p>
          <label for="nouveau">${t.nouveau}</label>
          <input id="nouveau" type="password" autocomplete="new-password" required aria-describedby="regles erreurs">
          <label for="encore">${t.encore}</label>
          <input id="encore" type="password" autocomplete="new-password" required aria-describedby="erreurs">
          <label class="case"><input id="montrer" type="checkbox"> ${t.montrer}</label>
          <button>${t.enregistrer}</button>
        </form>
        <form id="demander" method="post" hidden>
          <p>${t.explication}</p>
          <label for="adresse">${t.adresse}</label>
          <input id="adresse" type="email" autocomplete="email" required aria-describedby="erreurs">
          <button>${t.demander}</button>
        </form>
      </div>
    </main>
  </body>
</html>
`;
}

interface Textes {
  titre: string;
  regles: Record<PasswordPolicy, string>;
  nouveau: string;
  encore: string;
  montrer: string;
  enregistrer: string;
  choisi: string;
  differents: string;
  explication: string;
  adresse: string;
  demander: string;
  injoignable: string;
  sansScript: string;
  /** What is said instead of the words of the API, by its code, where those are in another language. */
  reponses: Record<'VALIDATION' | 'LIEN_INVALIDE' | 'TROP_DE_REQUETES' | 'envoye' | 'autre', string> | null;
}

const TEXTES: Record<Langue, Textes> = {
  fr: {
    titre: 'Choisir un mot de passe',
    regles: {
      owasp:
        'Au moins 10 caractères, dont une majuscule, une minuscule, un chiffre et un symbole. Ni mot courant, ni votre nom.',
      nist: 'Au moins 15 caractères : une phrase est plus sûre qu’un mot. Ni mot courant, ni votre nom.',
    },
    nouveau: 'Nouveau mot de passe',
    encore: 'Le même, encore une fois',
    montrer: 'Afficher ce que j’écris',
    enregistrer: 'Enregistrer',
    choisi: 'Votre mot de passe est enregistré. Vous pouvez vous connecter.',
    differents: 'Les deux mots de passe ne sont pas les mêmes.',
    explication:
      'Indiquez l’adresse de votre compte : vous y recevrez un lien pour choisir un nouveau mot de passe.',
    adresse: 'Adresse email',
    demander: 'Recevoir un lien',
    injoignable: 'Régie est momentanément injoignable. Réessayez dans un instant.',
    sansScript: 'Cette page a besoin de JavaScript.',
    reponses: null,
  },
  en: {
    titre: 'Choose a password',
    regles: {
      owasp:
        'At least 10 characters, among them an upper and a lower case letter, a digit and a symbol. No common word, nor your name.',
      nist: 'At least 15 characters: a phrase is safer than a word. No common word, nor your name.',
    },
    nouveau: 'New password',
    encore: 'The same once more',
    montrer: 'Show what I type',
    enregistrer: 'Save',
    choisi: 'Your password is saved. You can sign in.',
    differents: 'The two passwords are not the same.',
    explication: 'Give the address of your account: a link to choose a new password is sent to it.',
    adresse: 'Email address',
    demander: 'Send me a link',
    injoignable: 'Régie cannot be reached at the moment. Try again in a little while.',
    sansScript: 'This page needs JavaScript.',
    reponses: null,
  },
  ar: {
    titre: 'اختيار كلمة المرور',
    regles: {
      owasp: '10 رموز على الأقل، منها حرف لاتيني كبير وحرف صغير ورقم وعلامة. لا كلمة شائعة ولا اسمك.',
      nist: '15 رمزًا على الأقل: الجملة أكثر أمانًا من الكلمة. لا كلمة شائعة ولا اسمك.',
    },
    nouveau: 'كلمة المرور الجديدة',
    encore: 'الكلمة نفسها مرة أخرى',
    montrer: 'إظهار ما أكتبه',
    enregistrer: 'حفظ',
    choisi: 'حُفظت كلمة المرور. يمكنك تسجيل الدخول.',
    differents: 'كلمتا المرور غير متطابقتين.',
    explication: 'أدخل عنوان حسابك: ستتلقى رابطًا لاختيار كلمة مرور جديدة.',
    adresse: 'البريد الإلكتروني',
    demander: 'أرسل لي رابطًا',
    injoignable: 'تعذّر الاتصال بـ Régie الآن. حاول مرة أخرى بعد قليل.',
    sansScript: 'تحتاج هذه الصفحة إلى JavaScript.',
    reponses: {
      VALIDATION:
        'لم يُقبل هذا. راجع ما كتبته: كلمة المرور لا توافق القواعد أعلاه، أو هي شائعة، أو فيها اسمك.',
      LIEN_INVALIDE: 'لم يعد هذا الرابط صالحًا. اطلب رابطًا جديدًا.',
      TROP_DE_REQUETES: 'طلبات كثيرة. حاول مرة أخرى لاحقًا.',
      envoye: 'إذا كان لهذا العنوان حساب، فسيصلك رابط بالبريد الإلكتروني.',
      autre: 'حدث خطأ. حاول مرة أخرى بعد قليل.',
    },
  },
};
