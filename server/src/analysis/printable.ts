/** Texts that came from elsewhere, as a terminal may be given them: without what it would obey. */

/** Control characters, and those that turn the direction of writing, become a sign that something is there. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
}
