export interface ZoneData {
  /** Of the IANA database, such as `2026c`. */
  version: string;
  source: string;
}

export declare function zoneData(): ZoneData;
export declare function zoneDataFault(offset?: (zone: string, instant: number) => number): string | null;
