export interface Fault {
  variable: string;
  /** English, without the name of the variable. */
  message: string;
}

export declare function faultsOf(env: Record<string, string | undefined>): Fault[];
export declare function describeFaults(faults: readonly Fault[]): string;
export declare function dataKey(entry: string): { id: string; key: Buffer };
export declare function list(value: string): string[];
export declare function splitPem(text: string): string[];
export declare function withLineBreaks(pem: string): string;
