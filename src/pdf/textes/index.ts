import type { Langue } from '../../domain/writing';
import { AR } from './ar';
import { EN } from './en';
import { FR, type Textes } from './fr';

export type { Textes } from './fr';

export const TEXTES: Readonly<Record<Langue, Textes>> = { fr: FR, en: EN, ar: AR };
