/** Loaded before anything else, has this Node.js know Morocco as zone data of before 2026c did outside Ramadan. */
Intl.DateTimeFormat = class extends Intl.DateTimeFormat {
  constructor(locales, options = {}) {
    const timeZone = options.timeZone === 'Africa/Casablanca' ? 'Etc/GMT-1' : options.timeZone;
    super(locales, { ...options, timeZone });
  }
};
