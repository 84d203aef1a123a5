/** The workflows' code made ready for their sandbox by the build. */
export declare const BUNDLE: string;
/** Whether the bundle that is there is that of the sources as they are. */
export declare function isCurrent(): boolean;
