import type { Langue } from '../writing';

/** What the booking page says; each text in each language, complete by type. */

export interface TextesPage {
  /** Names of the languages, each in itself, stand apart. */
  passer: string;
  langues: string;
  etapes: string;
  etapeCreneau: string;
  etapeCoordonnees: string;
  etapeFin: string;
  choisirPrestation: string;
  aucunePrestation: string;
  minutes: (n: number) => string;
  places: (n: number) => string;
  lieux: { adresse: string; telephone: string; visio: string; salle: string };
  gratuitement: string;
  choisirDuree: string;
  choisirPersonne: string;
  sansPreference: string;
  choisirJour: string;
  choisirHeure: (jour: string) => string;
  semaineAvant: string;
  semaineApres: string;
  libres: (n: number) => string;
  aucunLibre: string;
  rienCesJours: string;
  prochain: string;
  rienDuTout: string;
  matin: string;
  apresMidi: string;
  soir: string;
  heureDe: string;
  changerZone: string;
  appliquer: string;
  zoneVous: string;
  voirZone: string;
  vosCoordonnees: string;
  gardeJusqua: (heure: string) => string;
  gardeFinie: string;
  autreCreneau: string;
  nom: string;
  email: string;
  emailAide: string;
  telephone: string;
  telephoneAide: string;
  facultatif: string;
  choisissez: string;
  oui: string;
  non: string;
  neRienEcrire: string;
  confirmer: string;
  demander: string;
  enCours: string;
  preparation: string;
  donnees: string;
  confirmez: string;
  confirmezAide: string;
  corriger: string;
  cestNote: string;
  cestNoteAide: string;
  aConfirmer: string;
  aConfirmerAide: (email: string, heure: string) => string;
  confirmerTitre: string;
  confirmerAide: (heure: string) => string;
  avisTitre: string;
  avisNote: string;
  /** From 1 to 5. */
  notes: readonly [string, string, string, string, string];
  avisCommentaire: string;
  avisEnvoyer: string;
  avisManque: string;
  avisMerci: string;
  avisMerciAide: string;
  emailAideConfirmer: string;
  verification: string;
  verificationAide: string;
  indisponibleAide: string;
  demandeEnvoyee: string;
  demandeAide: string;
  reporte: string;
  annuleFait: string;
  annuleAide: string;
  votreRendezVous: string;
  quand: string;
  ou: string;
  avec: string;
  pour: string;
  reference: string;
  chezVous: (heure: string) => string;
  calendrier: string;
  deplacer: string;
  annuler: string;
  deplacerTitre: string;
  deplacerAide: (date: string) => string;
  deplacerConfirmer: string;
  ancien: string;
  nouveau: string;
  deplacerOui: string;
  annulerTitre: string;
  annulerAide: string;
  motif: string;
  annulerOui: string;
  garder: string;
  tropTard: string;
  nouveauRendezVous: string;
  plusTard: string;
  statuts: Record<
    'a_valider' | 'confirme' | 'arrive' | 'honore' | 'absent' | 'refuse' | 'annule' | 'expire',
    string
  >;
  /** Of whoever waits for a time. */
  attente: {
    titre: string;
    offre: string;
    quoi: string;
    jours: string;
    aide: (position: number) => string;
    jusqua: (heure: string) => string;
    passe: string;
    acceptee: string;
    quittee: string;
    expiree: string;
    accepter: string;
    decliner: string;
    quitter: string;
  };
  lienMort: string;
  lienMortAide: string;
  introuvable: string;
  introuvableAide: string;
  accueil: string;
  erreurs: string;
  pris: string;
  retenueExpiree: string;
  preavis: string;
  horsFenetre: string;
  plafond: string;
  horsDisponibilite: string;
  alternatives: string;
  changeEntreTemps: string;
  patience: string;
  trop: string;
  panne: string;
  preuveManque: string;
  formulairePerime: string;
  champs: { nom: string; email: string; telephone: string; obligatoire: string; invalide: string };
}

export const TEXTES_PAGE: Readonly<Record<Langue, TextesPage>> = {
  fr: {
    passer: 'Aller au contenu',
    langues: 'Langue',
    etapes: 'Étapes',
    etapeCreneau: 'Créneau',
    etapeCoordonnees: 'Coordonnées',
    etapeFin: 'C’est noté',
    choisirPrestation: 'Prendre rendez-vous',
    aucunePrestation: 'Il n’y a rien à réserver en ligne pour le moment.',
    minutes: (n) => duree(n, 'h', 'min'),
    places: (n) => (n === 1 ? '1 place' : `${n} places`),
    lieux: {
      adresse: 'Sur place',
      telephone: 'Par téléphone',
      visio: 'En visioconférence',
      salle: 'Sur place',
    },
    gratuitement: 'Annulation en ligne',
    choisirDuree: 'Durée',
    choisirPersonne: 'Avec qui',
    sansPreference: 'Sans préférence',
    choisirJour: 'Choisissez un jour',
    choisirHeure: (jour) => `Horaires du ${jour}`,
    semaineAvant: 'Jours précédents',
    semaineApres: 'Jours suivants',
    libres: (n) => (n === 1 ? '1 horaire libre' : `${n} horaires libres`),
    aucunLibre: 'aucun horaire libre',
    rienCesJours: 'Il n’y a plus rien de libre ces jours-là.',
    prochain: 'Premier créneau libre',
    rienDuTout: 'Aucun créneau n’est libre pour le moment. Revenez plus tard : des places se libèrent.',
    matin: 'Matin',
    apresMidi: 'Après-midi',
    soir: 'Soir',
    heureDe: 'Horaires affichés :',
    changerZone: 'Changer de fuseau horaire',
    appliquer: 'Afficher',
    zoneVous: 'Votre appareil est réglé sur un autre fuseau :',
    voirZone: 'afficher ces heures-là',
    vosCoordonnees: 'Vos coordonnées',
    gardeJusqua: (heure) => `Ce créneau vous est gardé jusqu’à ${heure}.`,
    gardeFinie: 'Ce créneau ne vous est plus gardé ; s’il est encore libre, vous pouvez le réserver.',
    autreCreneau: 'Choisir un autre créneau',
    nom: 'Prénom et nom',
    email: 'Adresse email',
    emailAide: 'La confirmation y est envoyée, avec le lien pour déplacer ou annuler.',
    telephone: 'Téléphone',
    telephoneAide: 'C’est à ce numéro que nous vous appellerons.',
    facultatif: 'facultatif',
    choisissez: 'Choisissez…',
    oui: 'Oui',
    non: 'Non',
    neRienEcrire: 'Ne rien écrire ici',
    confirmer: 'Confirmer le rendez-vous',
    demander: 'Envoyer la demande',
    enCours: 'Un instant…',
    preparation: 'Vérification en cours…',
    donnees: 'Ces informations ne servent qu’à ce rendez-vous.',
    confirmez: 'Une dernière vérification',
    confirmezAide: 'Relisez, puis confirmez : le rendez-vous sera pris.',
    corriger: 'Corriger',
    cestNote: 'C’est noté',
    cestNoteAide:
      'Votre rendez-vous est pris. Gardez cette page : son adresse permet de le déplacer ou de l’annuler.',
    aConfirmer: 'Un message vient de vous être envoyé',
    aConfirmerAide: (email, heure) =>
      `Confirmez le rendez-vous par le lien envoyé à ${email}. Le créneau vous est gardé jusqu’à ${heure}.`,
    confirmerTitre: 'Confirmer ce rendez-vous ?',
    confirmerAide: (heure) => `Il vous est gardé jusqu’à ${heure}.`,
    avisTitre: 'Qu’en avez-vous pensé ?',
    avisNote: 'Votre note',
    notes: ['Pas du tout content', 'Plutôt déçu', 'Correct', 'Content', 'Très content'],
    avisCommentaire: 'Un mot de plus',
    avisEnvoyer: 'Envoyer mon avis',
    avisManque: 'Choisissez une note de 1 à 5.',
    avisMerci: 'Merci de votre avis',
    avisMerciAide: 'Seules les personnes qui s’occupent de ce rendez-vous le lisent.',
    emailAideConfirmer: 'Un message y est envoyé : son lien confirme le rendez-vous.',
    verification: 'Encore un instant',
    verificationAide:
      'L’agenda de la personne qui vous reçoit est relu une dernière fois. Cette page se met à jour d’elle-même, et la réponse vous est envoyée.',
    indisponibleAide:
      'Un autre engagement venait d’être noté à cette heure-là. Rien n’a été réservé : choisissez un autre moment.',
    demandeEnvoyee: 'Votre demande est envoyée',
    demandeAide:
      'Le créneau vous est réservé en attendant la réponse. Gardez cette page : son adresse permet de l’annuler.',
    reporte: 'Votre rendez-vous est déplacé',
    annuleFait: 'Votre rendez-vous est annulé',
    annuleAide: 'Le créneau est libéré. Ce lien ne permet plus rien d’autre.',
    votreRendezVous: 'Votre rendez-vous',
    quand: 'Quand',
    ou: 'Où',
    avec: 'Avec',
    pour: 'Pour',
    reference: 'Référence',
    chezVous: (heure) => `${heure} à l’heure de votre fuseau`,
    calendrier: 'Ajouter à mon agenda',
    deplacer: 'Déplacer',
    annuler: 'Annuler',
    deplacerTitre: 'Déplacer le rendez-vous',
    deplacerAide: (date) => `Prévu ${date}. Il reste le vôtre tant que vous n’en avez pas confirmé un autre.`,
    deplacerConfirmer: 'Confirmer le nouveau créneau',
    ancien: 'Jusqu’ici',
    nouveau: 'Désormais',
    deplacerOui: 'Déplacer le rendez-vous',
    annulerTitre: 'Annuler le rendez-vous ?',
    annulerAide: 'Le créneau sera proposé à quelqu’un d’autre.',
    motif: 'Un mot pour la maison',
    annulerOui: 'Oui, annuler',
    garder: 'Non, le garder',
    tropTard: 'Il est trop tard pour le déplacer ou l’annuler en ligne : prenez contact avec la maison.',
    nouveauRendezVous: 'Prendre un autre rendez-vous',
    plusTard: 'Ce rendez-vous est passé.',
    statuts: {
      a_valider: 'En attente de réponse',
      confirme: 'Confirmé',
      arrive: 'En cours',
      honore: 'Passé',
      absent: 'Passé',
      refuse: 'Refusé',
      annule: 'Annulé',
      expire: 'Sans réponse',
    },
    attente: {
      titre: 'Liste d’attente',
      offre: 'Un créneau s’est libéré pour vous',
      quoi: 'Vous attendez',
      jours: 'Jours attendus',
      aide: (position) =>
        `Votre place dans la liste : ${position}. Nous vous écrivons dès que c’est votre tour.`,
      jusqua: (heure) => `Il vous est gardé jusqu’à ${heure}.`,
      passe: 'Le créneau qui vous était proposé ne vous est plus gardé.',
      acceptee: 'Vous avez pris le créneau proposé. Tout est dans le mail de confirmation.',
      quittee: 'Vous avez quitté cette liste.',
      expiree: 'Votre attente est terminée.',
      accepter: 'Prendre ce créneau',
      decliner: 'Le laisser passer',
      quitter: 'Quitter la liste',
    },
    lienMort: 'Ce lien n’ouvre plus rien',
    lienMortAide: 'Le rendez-vous a été annulé, il est passé, ou l’adresse est incomplète.',
    introuvable: 'Cette page n’existe pas',
    introuvableAide: 'L’adresse est incomplète, ou ce rendez-vous n’est plus proposé.',
    accueil: 'Voir ce que l’on peut réserver',
    erreurs: 'À corriger',
    pris: 'Ce créneau vient d’être pris.',
    retenueExpiree: 'Le créneau n’était plus gardé pour vous.',
    preavis: 'C’est trop proche pour être réservé en ligne.',
    horsFenetre: 'Ce jour n’est pas ouvert à la réservation.',
    plafond: 'Il n’y a plus de place à cette période.',
    horsDisponibilite: 'Rien n’est proposé à cette heure-là.',
    alternatives: 'Libres à cet instant :',
    changeEntreTemps: 'Ce rendez-vous a changé entre-temps : voici ce qu’il en est.',
    patience: 'Un peu de patience',
    trop: 'Beaucoup de demandes viennent de votre réseau. Réessayez dans quelques minutes.',
    panne:
      'Nous ne pouvons pas répondre pour le moment. Rien n’a été enregistré ; réessayez dans un instant.',
    preuveManque: 'La vérification n’a pas abouti. Confirmez encore une fois.',
    formulairePerime: 'Cette page est restée ouverte longtemps. Confirmez encore une fois.',
    champs: {
      nom: 'Indiquez votre nom.',
      email: 'Indiquez une adresse email complète, comme nom@exemple.ma.',
      telephone: 'Indiquez un numéro complet, avec l’indicatif du pays s’il n’est pas d’ici.',
      obligatoire: 'Répondez à cette question.',
      invalide: 'Cette réponse ne convient pas.',
    },
  },
  en: {
    passer: 'Skip to content',
    langues: 'Language',
    etapes: 'Steps',
    etapeCreneau: 'Time',
    etapeCoordonnees: 'Your details',
    etapeFin: 'All set',
    choisirPrestation: 'Book an appointment',
    aucunePrestation: 'There is nothing to book online at the moment.',
    minutes: (n) => duree(n, 'h', 'min'),
    places: (n) => (n === 1 ? '1 seat' : `${n} seats`),
    lieux: { adresse: 'In person', telephone: 'By telephone', visio: 'By video call', salle: 'In person' },
    gratuitement: 'Cancel online',
    choisirDuree: 'Length',
    choisirPersonne: 'With whom',
    sansPreference: 'No preference',
    choisirJour: 'Choose a day',
    choisirHeure: (jour) => `Times on ${jour}`,
    semaineAvant: 'Earlier days',
    semaineApres: 'Later days',
    libres: (n) => (n === 1 ? '1 free time' : `${n} free times`),
    aucunLibre: 'no free time',
    rienCesJours: 'Nothing is free any more on these days.',
    prochain: 'First free time',
    rienDuTout: 'Nothing is free at the moment. Come back later: times do become free.',
    matin: 'Morning',
    apresMidi: 'Afternoon',
    soir: 'Evening',
    heureDe: 'Times shown in',
    changerZone: 'Change time zone',
    appliquer: 'Show',
    zoneVous: 'Your device is set to another time zone:',
    voirZone: 'show those times',
    vosCoordonnees: 'Your details',
    gardeJusqua: (heure) => `This time is held for you until ${heure}.`,
    gardeFinie: 'This time is no longer held for you; while it is free, you can still book it.',
    autreCreneau: 'Choose another time',
    nom: 'First and last name',
    email: 'Email address',
    emailAide: 'The confirmation is sent there, with the link to move or cancel.',
    telephone: 'Telephone',
    telephoneAide: 'This is the number we will call.',
    facultatif: 'optional',
    choisissez: 'Choose…',
    oui: 'Yes',
    non: 'No',
    neRienEcrire: 'Write nothing here',
    confirmer: 'Confirm the appointment',
    demander: 'Send the request',
    enCours: 'One moment…',
    preparation: 'Checking…',
    donnees: 'These details are used for this appointment only.',
    confirmez: 'One last check',
    confirmezAide: 'Read it once more, then confirm: the appointment is made then.',
    corriger: 'Correct',
    cestNote: 'You are booked',
    cestNoteAide: 'Your appointment is made. Keep this page: its address lets you move or cancel it.',
    aConfirmer: 'A message has just been sent to you',
    aConfirmerAide: (email, heure) =>
      `Confirm the appointment by the link sent to ${email}. The time is kept for you until ${heure}.`,
    confirmerTitre: 'Confirm this appointment?',
    confirmerAide: (heure) => `It is kept for you until ${heure}.`,
    avisTitre: 'What did you think of it?',
    avisNote: 'Your mark',
    notes: ['Not happy at all', 'Rather disappointed', 'All right', 'Happy', 'Very happy'],
    avisCommentaire: 'A word more',
    avisEnvoyer: 'Send what I think',
    avisManque: 'Choose a mark from 1 to 5.',
    avisMerci: 'Thank you for telling us',
    avisMerciAide: 'Only those who look after this appointment read it.',
    emailAideConfirmer: 'A message is sent there: its link confirms the appointment.',
    verification: 'One more moment',
    verificationAide:
      'The calendar of whoever receives you is read once more. This page updates by itself, and the answer is sent to you.',
    indisponibleAide:
      'Something else had just been entered at that time. Nothing was booked: please choose another time.',
    demandeEnvoyee: 'Your request is sent',
    demandeAide:
      'The time is kept for you until you are answered. Keep this page: its address lets you cancel.',
    reporte: 'Your appointment is moved',
    annuleFait: 'Your appointment is cancelled',
    annuleAide: 'The time is free again. This link does nothing else any more.',
    votreRendezVous: 'Your appointment',
    quand: 'When',
    ou: 'Where',
    avec: 'With',
    pour: 'For',
    reference: 'Reference',
    chezVous: (heure) => `${heure} by the clocks of your zone`,
    calendrier: 'Add to my calendar',
    deplacer: 'Move',
    annuler: 'Cancel',
    deplacerTitre: 'Move the appointment',
    deplacerAide: (date) => `It is on ${date}, and stays yours until you confirm another time.`,
    deplacerConfirmer: 'Confirm the new time',
    ancien: 'Until now',
    nouveau: 'From now on',
    deplacerOui: 'Move the appointment',
    annulerTitre: 'Cancel the appointment?',
    annulerAide: 'The time will be offered to somebody else.',
    motif: 'A word for us',
    annulerOui: 'Yes, cancel it',
    garder: 'No, keep it',
    tropTard: 'It is too late to move or cancel it online: please get in touch with us.',
    nouveauRendezVous: 'Book another appointment',
    plusTard: 'This appointment is over.',
    statuts: {
      a_valider: 'Waiting for an answer',
      confirme: 'Confirmed',
      arrive: 'Under way',
      honore: 'Over',
      absent: 'Over',
      refuse: 'Declined',
      annule: 'Cancelled',
      expire: 'Not answered',
    },
    attente: {
      titre: 'Waiting list',
      offre: 'A time is free for you',
      quoi: 'You wait for',
      jours: 'Days',
      aide: (position) => `Your place on the list: ${position}. We write to you as soon as it is your turn.`,
      jusqua: (heure) => `It is kept for you until ${heure}.`,
      passe: 'The time that was offered is not kept for you any more.',
      acceptee: 'You have taken the time that was offered. Everything is in the mail that confirms it.',
      quittee: 'You have left this list.',
      expiree: 'You are not waiting any more.',
      accepter: 'Take this time',
      decliner: 'Let it pass',
      quitter: 'Leave the list',
    },
    lienMort: 'This link opens nothing any more',
    lienMortAide: 'The appointment was cancelled, is over, or the address is incomplete.',
    introuvable: 'There is no such page',
    introuvableAide: 'The address is incomplete, or this is no longer offered.',
    accueil: 'See what can be booked',
    erreurs: 'Please correct',
    pris: 'This time has just been taken.',
    retenueExpiree: 'This time was no longer held for you.',
    preavis: 'This is too soon to be booked online.',
    horsFenetre: 'This day is not open for booking.',
    plafond: 'There is no room left in this period.',
    horsDisponibilite: 'Nothing is offered at this time.',
    alternatives: 'Free at this moment:',
    changeEntreTemps: 'This appointment has changed meanwhile: here is how it stands.',
    patience: 'A little patience',
    trop: 'Many requests come from your network. Try again in a few minutes.',
    panne: 'We cannot answer at the moment. Nothing was recorded; try again in a moment.',
    preuveManque: 'The check did not finish. Please confirm once more.',
    formulairePerime: 'This page has been open for long. Please confirm once more.',
    champs: {
      nom: 'Enter your name.',
      email: 'Enter a complete email address, such as name@example.com.',
      telephone: 'Enter a complete number, with the country code if it is from abroad.',
      obligatoire: 'Answer this question.',
      invalide: 'This answer does not fit.',
    },
  },
  ar: {
    passer: 'انتقل إلى المحتوى',
    langues: 'اللغة',
    etapes: 'المراحل',
    etapeCreneau: 'الموعد',
    etapeCoordonnees: 'بياناتك',
    etapeFin: 'تم',
    choisirPrestation: 'احجز موعدًا',
    aucunePrestation: 'لا يوجد ما يمكن حجزه عبر الإنترنت حاليًا.',
    minutes: (n) => duree(n, 'س', 'د'),
    places: (n) => (n === 1 ? 'مكان واحد' : n === 2 ? 'مكانان' : n <= 10 ? `${n} أماكن` : `${n} مكانًا`),
    lieux: { adresse: 'حضوريًا', telephone: 'عبر الهاتف', visio: 'عبر الفيديو', salle: 'حضوريًا' },
    gratuitement: 'الإلغاء عبر الإنترنت',
    choisirDuree: 'المدة',
    choisirPersonne: 'مع من',
    sansPreference: 'بدون تفضيل',
    choisirJour: 'اختر يومًا',
    choisirHeure: (jour) => `أوقات ${jour}`,
    semaineAvant: 'الأيام السابقة',
    semaineApres: 'الأيام التالية',
    libres: (n) =>
      n === 1 ? 'وقت متاح واحد' : n === 2 ? 'وقتان متاحان' : n <= 10 ? `${n} أوقات متاحة` : `${n} وقتًا متاحًا`,
    aucunLibre: 'لا وقت متاح',
    rienCesJours: 'لم يبق أي وقت متاح في هذه الأيام.',
    prochain: 'أول وقت متاح',
    rienDuTout: 'لا يوجد وقت متاح حاليًا. عد لاحقًا: قد تتوفر أوقات.',
    matin: 'صباحًا',
    apresMidi: 'بعد الظهر',
    soir: 'مساءً',
    heureDe: 'الأوقات معروضة حسب',
    changerZone: 'تغيير المنطقة الزمنية',
    appliquer: 'عرض',
    zoneVous: 'جهازك مضبوط على منطقة زمنية أخرى:',
    voirZone: 'اعرض تلك الأوقات',
    vosCoordonnees: 'بياناتك',
    gardeJusqua: (heure) => `هذا الوقت محفوظ لك حتى ${heure}.`,
    gardeFinie: 'لم يعد هذا الوقت محفوظًا لك؛ وما دام متاحًا يمكنك حجزه.',
    autreCreneau: 'اختر وقتًا آخر',
    nom: 'الاسم الكامل',
    email: 'البريد الإلكتروني',
    emailAide: 'يُرسل إليه التأكيد مع رابط التأجيل أو الإلغاء.',
    telephone: 'الهاتف',
    telephoneAide: 'سنتصل بك على هذا الرقم.',
    facultatif: 'اختياري',
    choisissez: 'اختر…',
    oui: 'نعم',
    non: 'لا',
    neRienEcrire: 'لا تكتب شيئًا هنا',
    confirmer: 'تأكيد الموعد',
    demander: 'إرسال الطلب',
    enCours: 'لحظة…',
    preparation: 'جارٍ التحقق…',
    donnees: 'لا تُستعمل هذه البيانات إلا لهذا الموعد.',
    confirmez: 'تحقق أخير',
    confirmezAide: 'راجع ثم أكّد: عندها يُحجز الموعد.',
    corriger: 'تصحيح',
    cestNote: 'تم حجز موعدك',
    cestNoteAide: 'احتفظ بهذه الصفحة: يتيح لك عنوانها تأجيل الموعد أو إلغاءه.',
    aConfirmer: 'أرسلنا إليك رسالة',
    aConfirmerAide: (email, heure) =>
      `أكد الموعد من الرابط المرسل إلى \u2068${email}\u2069. يبقى الوقت محجوزًا لك إلى غاية ${heure}.`,
    confirmerTitre: 'هل تؤكد هذا الموعد؟',
    confirmerAide: (heure) => `يبقى محجوزًا لك إلى غاية ${heure}.`,
    avisTitre: 'ما رأيك في الموعد؟',
    avisNote: 'تقييمك',
    notes: ['غير راض تمامًا', 'غير راض', 'مقبول', 'راض', 'راض جدًا'],
    avisCommentaire: 'كلمة إضافية',
    avisEnvoyer: 'إرسال رأيي',
    avisManque: 'اختر تقييمًا من 1 إلى 5.',
    avisMerci: 'شكرًا على رأيك',
    avisMerciAide: 'لا يقرؤه إلا من يهتم بهذا الموعد.',
    emailAideConfirmer: 'تُرسل إليه رسالة: رابطها يؤكد الموعد.',
    verification: 'لحظة أخرى',
    verificationAide: 'نعيد قراءة جدول من يستقبلك مرة أخيرة. تتجدد هذه الصفحة من تلقاء نفسها، ويصلك الجواب.',
    indisponibleAide: 'سُجل التزام آخر في ذلك الوقت قبل قليل. لم يُحجز شيء: اختر وقتًا آخر.',
    demandeEnvoyee: 'أُرسل طلبك',
    demandeAide: 'الوقت محجوز لك في انتظار الجواب. احتفظ بهذه الصفحة: يتيح لك عنوانها الإلغاء.',
    reporte: 'تم تأجيل موعدك',
    annuleFait: 'تم إلغاء موعدك',
    annuleAide: 'أصبح الوقت متاحًا من جديد. لم يعد لهذا الرابط أي استعمال آخر.',
    votreRendezVous: 'موعدك',
    quand: 'متى',
    ou: 'أين',
    avec: 'مع',
    pour: 'باسم',
    reference: 'المرجع',
    chezVous: (heure) => `${heure} حسب منطقتك الزمنية`,
    calendrier: 'أضف إلى تقويمي',
    deplacer: 'تغيير الموعد',
    annuler: 'إلغاء',
    deplacerTitre: 'تغيير الموعد',
    deplacerAide: (date) => `موعدك ${date}، ويبقى لك ما لم تؤكد موعدًا آخر.`,
    deplacerConfirmer: 'أكّد الموعد الجديد',
    ancien: 'حتى الآن',
    nouveau: 'الموعد الجديد',
    deplacerOui: 'تغيير الموعد',
    annulerTitre: 'إلغاء الموعد؟',
    annulerAide: 'سيُعرض الوقت على شخص آخر.',
    motif: 'كلمة لنا',
    annulerOui: 'نعم، ألغِ الموعد',
    garder: 'لا، احتفظ به',
    tropTard: 'فات أوان تغييره أو إلغائه عبر الإنترنت: يرجى الاتصال بنا.',
    nouveauRendezVous: 'احجز موعدًا آخر',
    plusTard: 'انقضى هذا الموعد.',
    statuts: {
      a_valider: 'في انتظار الجواب',
      confirme: 'مؤكد',
      arrive: 'جارٍ',
      honore: 'انقضى',
      absent: 'انقضى',
      refuse: 'مرفوض',
      annule: 'ملغى',
      expire: 'بدون جواب',
    },
    attente: {
      titre: 'لائحة الانتظار',
      offre: 'توفّر وقت لك',
      quoi: 'تنتظر',
      jours: 'الأيام المنتظرة',
      aide: (position) => `ترتيبك في اللائحة: ${position}. نكتب إليك حالما يحين دورك.`,
      jusqua: (heure) => `يبقى محجوزًا لك إلى الساعة ${heure}.`,
      passe: 'لم يعد الوقت المعروض محجوزًا لك.',
      acceptee: 'أخذت الوقت المعروض. كل شيء في رسالة التأكيد.',
      quittee: 'غادرت هذه اللائحة.',
      expiree: 'انتهى انتظارك.',
      accepter: 'أخذ هذا الوقت',
      decliner: 'تركه يفوت',
      quitter: 'مغادرة اللائحة',
    },
    lienMort: 'لم يعد هذا الرابط صالحًا',
    lienMortAide: 'أُلغي الموعد أو انقضى، أو أن العنوان غير كامل.',
    introuvable: 'هذه الصفحة غير موجودة',
    introuvableAide: 'العنوان غير كامل، أو لم يعد هذا الموعد معروضًا.',
    accueil: 'اطلع على ما يمكن حجزه',
    erreurs: 'يرجى التصحيح',
    pris: 'حُجز هذا الوقت للتو.',
    retenueExpiree: 'لم يعد هذا الوقت محفوظًا لك.',
    preavis: 'هذا الوقت قريب جدًا لا يمكن حجزه عبر الإنترنت.',
    horsFenetre: 'هذا اليوم غير مفتوح للحجز.',
    plafond: 'لم يبق مكان في هذه الفترة.',
    horsDisponibilite: 'لا شيء معروض في هذا الوقت.',
    alternatives: 'متاح في هذه اللحظة:',
    changeEntreTemps: 'تغيّر هذا الموعد في هذه الأثناء: إليك وضعه الحالي.',
    patience: 'قليل من الصبر',
    trop: 'ترد طلبات كثيرة من شبكتك. أعد المحاولة بعد بضع دقائق.',
    panne: 'لا يمكننا الجواب حاليًا. لم يُسجَّل شيء؛ أعد المحاولة بعد لحظة.',
    preuveManque: 'لم يكتمل التحقق. أكّد مرة أخرى.',
    formulairePerime: 'بقيت هذه الصفحة مفتوحة طويلًا. أكّد مرة أخرى.',
    champs: {
      nom: 'اكتب اسمك.',
      email: 'اكتب بريدًا إلكترونيًا كاملًا، مثل name@example.com.',
      telephone: 'اكتب رقمًا كاملًا، مع رمز البلد إن كان من الخارج.',
      obligatoire: 'أجب عن هذا السؤال.',
      invalide: 'هذا الجواب غير مناسب.',
    },
  },
};

/** "45 min", "1 h", "1 h 30 min". */
function duree(n: number, h: string, min: string): string {
  const [hours, rest] = [Math.floor(n / 60), n % 60];
  return [...(hours > 0 ? [`${hours} ${h}`] : []), ...(rest > 0 ? [`${rest} ${min}`] : [])].join(' ');
}
