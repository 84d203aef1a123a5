/** The part of mjml 5 that is used here; the package has no types of its own. */
declare module 'mjml' {
  interface MjmlOptions {
    /** `strict` throws on a fault of the template instead of leaving the element out. */
    validationLevel?: 'strict' | 'soft' | 'skip';
    /** Web fonts to load by name. */
    fonts?: Record<string, string>;
    keepComments?: boolean;
  }
  export default function mjml2html(source: string, options?: MjmlOptions): Promise<{ html: string }>;
}
