import type { TexteCourt } from '../messages/sms';
import type { Langue } from '../writing';
import type { ContenuAvis, ModeleAvis } from './textes';

/** What a text message says of what was done to an account: never by whom nor from where, and no link. */
export function compteSms({ modele }: ContenuAvis, langue: Langue): TexteCourt {
  return { debut: `Regie : ${PHRASES[langue][modele]}. `, nom: '', fin: ADVICE[langue] };
}

const ADVICE: Record<Langue, string> = {
  fr: "Si ce n'est pas vous, changez votre mot de passe.",
  en: 'If this was not you, change your password.',
  ar: 'إن لم تكن أنت من فعل ذلك فغيّر كلمة المرور.',
};

const PHRASES: Record<Langue, Record<ModeleAvis, string>> = {
  fr: {
    mot_de_passe_change: 'mot de passe changé',
    adresse_changee: 'adresse de connexion changée',
    session_compromise: 'session fermée par sécurité',
    second_facteur_active: 'second facteur activé',
    second_facteur_retire: 'second facteur retiré',
    codes_secours_renouveles: 'codes de secours renouvelés',
    cle_api_creee: "clé d'API créée en votre nom",
  },
  en: {
    mot_de_passe_change: 'password changed',
    adresse_changee: 'sign-in address changed',
    session_compromise: 'session closed for safety',
    second_facteur_active: 'second factor set up',
    second_facteur_retire: 'second factor removed',
    codes_secours_renouveles: 'recovery codes renewed',
    cle_api_creee: 'API key created in your name',
  },
  ar: {
    mot_de_passe_change: 'تم تغيير كلمة المرور',
    adresse_changee: 'تم تغيير عنوان الدخول',
    session_compromise: 'أُغلقت الجلسة احتياطا',
    second_facteur_active: 'تم تفعيل العامل الثاني',
    second_facteur_retire: 'أُزيل العامل الثاني',
    codes_secours_renouveles: 'تم تجديد رموز الطوارئ',
    cle_api_creee: 'أُنشئ مفتاح واجهة باسمك',
  },
};
