/** What BTF can say: the format's kinds as plain records, with type ids where one names another. */

/** In the order of their numbers. */
export const KINDS = [
  "void",
  "int",
  "ptr",
  "array",
  "struct",
  "union",
  "enum",
  "fwd",
  "typedef",
  "volatile",
  "const",
  "restrict",
  "func",
  "func_proto",
  "var",
  "datasec",
  "float",
  "decl_tag",
  "type_tag",
  "enum64",
] as const;

export type BtfKind = (typeof KINDS)[number];

export type BtfType =
  | { readonly kind: "void" }
  | BtfInt
  | { readonly kind: "float"; readonly name: string; readonly size: number }
  | { readonly kind: "ptr" | "volatile" | "const" | "restrict"; readonly type: number }
  | { readonly kind: "typedef"; readonly name: string; readonly type: number }
  | { readonly kind: "type_tag"; readonly name: string; readonly type: number; readonly attribute: boolean }
  | { readonly kind: "array"; readonly type: number; readonly indexType: number; readonly count: number }
  | BtfStruct
  | BtfEnum
  /** `struct foo;` without a body. */
  | { readonly kind: "fwd"; readonly name: string; readonly union: boolean }
  /** Linkage: 0 static, 1 global, 2 extern. */
  | { readonly kind: "func"; readonly name: string; readonly type: number; readonly linkage: number }
  | BtfProto
  | { readonly kind: "var"; readonly name: string; readonly type: number; readonly linkage: number }
  | BtfDatasec
  | BtfDeclTag;

export interface BtfInt {
  readonly kind: "int";
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly bits: number;
  readonly offset: number;
  readonly signed: boolean;
  readonly char: boolean;
  readonly bool: boolean;
}

export interface BtfStruct {
  readonly kind: "struct" | "union";
  /** Empty for an anonymous one. */
  readonly name: string;
  readonly size: number;
  readonly members: readonly BtfMember[];
}

export interface BtfMember {
  readonly name: string;
  readonly type: number;
  readonly bitOffset: number;
  /** 0 where it is no bit field. */
  readonly bitSize: number;
}

export interface BtfEnum {
  readonly kind: "enum" | "enum64";
  readonly name: string;
  readonly size: number;
  readonly signed: boolean;
  readonly values: readonly { readonly name: string; readonly value: bigint }[];
}

export interface BtfProto {
  readonly kind: "func_proto";
  readonly type: number;
  /** A last one without name and type means `...`. */
  readonly params: readonly { readonly name: string; readonly type: number }[];
}

export interface BtfDatasec {
  readonly kind: "datasec";
  readonly name: string;
  readonly size: number;
  readonly vars: readonly { readonly type: number; readonly offset: number; readonly size: number }[];
}

export interface BtfDeclTag {
  readonly kind: "decl_tag";
  readonly name: string;
  readonly type: number;
  /** The member or parameter that is meant; -1 for the whole. */
  readonly component: number;
  readonly attribute: boolean;
}

/** How many words follow the three that every type begins with. */
export function wordsAfter(kind: BtfKind, length: number): number {
  switch (kind) {
    case "int":
    case "var":
    case "decl_tag":
      return 1;
    case "array":
      return 3;
    case "struct":
    case "union":
    case "datasec":
    case "enum64":
      return length * 3;
    case "enum":
    case "func_proto":
      return length * 2;
    default:
      return 0;
  }
}
