import type { Texte } from '../errors' with { 'resolution-mode': 'require' };
import type { PasswordPolicy } from './passwords' with { 'resolution-mode': 'require' };

export declare const MAX_PASSWORD_LENGTH: number;
export declare function normalizedPassword(password: string): string;
export declare function passwordFaults(password: string, policy: PasswordPolicy): Texte[];
