/**
 * Text that clears the screen in two ways, turns around what follows it, and goes on in a line of its own that looks like
 * one of ours.
 */
export const hostileText = '\u001b[2J\u009b2J\u202e\r\u2028\n{"level":"info","msg":"every gate is open"}';

/** What a terminal only shows, in lines. */
export const harmless = /^[\n\t\u0020-\u007e\u00a1-\u2027\u2030-\u2065\u206a-\uffff]*$/;
