import type { ErreurAgenda } from '../../domain/rendez-vous/agendas';
import { ReponseInattendue, TropGrand } from '../../net/caldav';
import { AddressRefused, NoAnswer } from '../../net/outgoing';

/** Why a calendar elsewhere could not be read, or written. */
export interface FauteAgenda {
  erreur: ErreurAgenda;
  detail: string | null;
}

/** What the other side did; null for what is our own mistake. */
export function fauteDe(error: unknown): FauteAgenda | null {
  if (error instanceof AddressRefused) return { erreur: 'adresse_refusee', detail: null };
  if (error instanceof NoAnswer) return { erreur: 'delai', detail: null };
  if (error instanceof TropGrand) return { erreur: 'trop_grand', detail: null };
  if (error instanceof ReponseInattendue) {
    const { status } = error;
    if (status === 401 || status === 403) return { erreur: 'identifiants', detail: String(status) };
    if (status === 404 || status === 410) return { erreur: 'introuvable', detail: String(status) };
    return { erreur: 'reponse', detail: String(status) };
  }
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return null;
  if (/^(ENOTFOUND|EAI_|ENODATA|ESERVFAIL)/.test(code)) return { erreur: 'nom_inconnu', detail: null };
  if (TLS.test(code)) return { erreur: 'tls', detail: code };
  return /^(ECONN|EPIPE|EHOST|ENET|ETIMEDOUT|HPE_)/.test(code) ? { erreur: 'connexion', detail: code } : null;
}

const TLS =
  /^(ERR_SSL_|ERR_TLS_|CERT_|CRL_|UNABLE_TO_|EPROTO|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_)/;
