/** Of the form of the tokens in links, and none that anybody was given. */
const TOKEN = 'a'.repeat(40);

/** The path of a route with something of the right form for each of its parameters. */
export function filledPath(path: string, value: string | number = 1): string {
  return path.replace(/:\w+/g, (name) => (name === ':jeton' ? TOKEN : String(value)));
}
