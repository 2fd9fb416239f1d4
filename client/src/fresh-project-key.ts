/** Under what a project that was just made is remembered until the window that it is opened in has seen it. */

export const FRESH_PROJECT = "hookpoint.freshProject";
