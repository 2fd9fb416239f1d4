/** What the agent says, line by line as JSON: it and `agent.c` agree on this. */

/** As `agent.h` numbers what its lines mean. */
export const AGENT_VERSION = 1;

/** The first line: who answers. */
export interface AgentHello {
  readonly agent: number;
  /** `6.18.44` */
  readonly release: string;
  readonly machine: string;
  readonly libbpf: string;
}

/** One program, loaded alone and let go. */
export interface Tried {
  readonly program: string;
  readonly section: string;
  /** As the kernel numbers them. */
  readonly type: number;
  readonly attachType: number;
  /** With all that it calls, as the kernel was given it. */
  readonly instructions: number;
  /** 0, or what the kernel or libbpf answered: 13 for EACCES. */
  readonly error: number;
  readonly milliseconds: number;
  /** What the verifier printed; of a long one the beginning and the end, with a line that says so between them. */
  readonly log: string;
  /** What libbpf printed. */
  readonly words: string;
  /** What the kernel made of it, and of how many instructions; where it was accepted, and the kernel tells. */
  readonly xlatedBytes?: number;
  readonly jitedBytes?: number;
  /** Instructions that were looked at, each time that they were; since Linux 5.16. */
  readonly verified?: number;
  /** How often the verifier came by each instruction; only where it was asked for, and found whole. */
  readonly visits?: readonly number[];
  /** It was asked for and accepted: 0 where it was attached by its section, or what the kernel or libbpf answered. */
  readonly attachError?: number;
  /** What libbpf printed then. */
  readonly attachWords?: string;
  /** It was asked for, and there is too much of it, or not all of it was found. */
  readonly visitsCut?: true;
}

/** A program that was asked for by a name that none has. */
export interface Missing {
  readonly missing: string;
}

/** An object that could not even be opened. */
export interface Unopened {
  readonly error: number;
  readonly words: string;
}
