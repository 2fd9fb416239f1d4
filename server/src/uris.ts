/** Paths as URIs have them. */

export function parentOf(uri: string): string {
  return uri.slice(0, Math.max(0, uri.lastIndexOf("/")));
}

/** A path as editors write it in a URI: `my header.h` is `my%20header.h`, and a `#` is part of a name. */
export function encoded(path: string): string {
  if (/^[\w./-]*$/.test(path)) return path;
  const percent = (c: string): string => `%${c.charCodeAt(0).toString(16).toUpperCase()}`;
  return path
    .split("/")
    .map((part) => encodeURIComponent(part.replace(/\p{Surrogate}/gu, "\ufffd")).replace(/[!'()*]/g, percent))
    .join("/");
}

/** What a URI, or a part of one, says without escapes: editors escape more signs or fewer. */
export function decoded(uri: string): string {
  if (!uri.includes("%")) return uri;
  try {
    return decodeURIComponent(uri);
  } catch {
    // Not of UTF-8.
    return uri;
  }
}

/** Without `.` and `..`. */
export function normalized(uri: string): string {
  if (!/\/(?:\.{0,2}\/|\.{0,2}$)/.test(uri.slice(uri.indexOf("://") + 3))) return uri;
  const root = uri.indexOf("://");
  const start = root === -1 ? 0 : uri.indexOf("/", root + 3) + 1;
  const parts: string[] = [];
  for (const part of uri.slice(start).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return uri.slice(0, start) + parts.join("/");
}
