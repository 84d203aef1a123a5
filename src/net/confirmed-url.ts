import { invalid, type Texte } from '../domain/errors';
import { urlFault } from './addresses';
import { AddressRefused, type Outgoing } from './outgoing';

/** A URL that was asked about before the transaction that keeps it, since a name server may take its time. */
export class ConfirmedUrl {
  private constructor(
    /** As it is called: with its host in its usual form. */
    readonly href: string,
  ) {}

  /**
   * Asks whether a URL may be called: by what it says, and by what its name stands for today. It is asked again at each
   * delivery; this is for whoever gives it.
   * @throws {RegieError} `VALIDATION`
   */
  static async of(
    outgoing: Outgoing,
    url: string,
    rules: { privateNetworks: boolean },
  ): Promise<ConfirmedUrl> {
    const fault = urlFault(url, rules);
    if (fault !== null) throw invalid({ champ: 'url', message: fault });
    const { href } = new URL(url);
    try {
      await outgoing.confirm(href);
    } catch (error) {
      if (!(error instanceof AddressRefused)) throw error;
      throw invalid({ champ: 'url', message: error.cause === undefined ? NOT_PUBLIC : UNKNOWN_NAME });
    }
    return new ConfirmedUrl(href);
  }
}

const NOT_PUBLIC: Texte = {
  fr: 'Doit mener à une adresse publique',
  en: 'Must lead to a public address',
};
const UNKNOWN_NAME: Texte = {
  fr: 'Ce nom n’est pas connu du DNS',
  en: 'This name is not known to the DNS',
};
