/** The few drawings of the page, each in a square of 24, drawn by a stroke in the colour of the text around it. */
export const ICONES: Readonly<Record<string, string>> = {
  horloge: '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>',
  adresse:
    '<path d="M12 21s7-6.2 7-11.3a7 7 0 0 0-14 0C5 14.8 12 21 12 21Z"/><circle cx="12" cy="9.7" r="2.5"/>',
  telephone:
    '<path d="M6.5 3.500h3l1.5 4-2 1.500a11 11 0 0 0 6 6l1.5-2 4 1.500v3a2 2 0 0 1-2.2 2A17 17 0 0 1 4.5 5.700a2 2 0 0 1 2-2.200Z"/>',
  visio: '<rect x="3" y="6.5" width="12" height="11" rx="2"/><path d="m15 10.5 6-3v9l-6-3"/>',
  personne: '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.500a7.5 7.5 0 0 1 15 0"/>',
  agenda:
    '<rect x="3.5" y="5" width="17" height="15.5" rx="2.5"/><path d="M3.5 10h17M8 2.800V7M16 2.800V7"/>',
  globe:
    '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.500c5 5.5 5 11.5 0 17M12 3.500c-5 5.5-5 11.5 0 17"/>',
  avant: '<path d="m14.5 6-6 6 6 6"/>',
  apres: '<path d="m9.5 6 6 6-6 6"/>',
  fait: '<path d="m5.5 12.5 4.3 4.3 8.7-9.3"/>',
  annule: '<path d="m7 7 10 10M17 7 7 17"/>',
};
