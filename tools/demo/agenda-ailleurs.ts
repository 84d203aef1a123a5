/** A calendar that one of the people of the story keeps elsewhere, by CalDAV. */
export interface AgendaAilleurs {
  url: string;
  utilisateur: string;
  mot_de_passe: string;
  /** Enters an event, as the program does in which its owner looks at it. */
  noter(nom: string, texte: string): Promise<void>;
}

/** The one that DEMO_AGENDA_URL, DEMO_AGENDA_UTILISATEUR and DEMO_AGENDA_MOT_DE_PASSE name; undefined without. */
export function agendaFromEnvironment(): AgendaAilleurs | undefined {
  const {
    DEMO_AGENDA_URL: url,
    DEMO_AGENDA_UTILISATEUR: utilisateur,
    DEMO_AGENDA_MOT_DE_PASSE: mot_de_passe,
  } = process.env;
  if (!url || !utilisateur || !mot_de_passe) return undefined;
  return {
    url,
    utilisateur,
    mot_de_passe,
    noter: async (nom, texte) => {
      const response = await fetch(new URL(nom, url.endsWith('/') ? url : `${url}/`), {
        method: 'PUT',
        headers: {
          'Content-Type': 'text/calendar; charset=utf-8',
          Authorization: `Basic ${Buffer.from(`${utilisateur}:${mot_de_passe}`).toString('base64')}`,
        },
        body: texte,
      });
      if (!response.ok) throw new Error(`The calendar at ${url} answered ${response.status}`);
    },
  };
}

/** A calendar of one event. */
export function evenement(uid: string, debut: Date, fin: Date, titre: string): string {
  const utc = (at: Date) => at.toISOString().replace(/[-:]|\.\d+/g, '');
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Demonstration//FR',
    'BEGIN:VEVENT',
    `UID:${uid}`,
    `DTSTAMP:${utc(new Date())}`,
    `DTSTART:${utc(debut)}`,
    `DTEND:${utc(fin)}`,
    `SUMMARY:${titre}`,
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');
}
