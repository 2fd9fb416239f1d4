/** What reading spoilt bytes ends in. */

/** The bytes are no BTF or are spoilt; the message says where. */
export class BtfError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BtfError";
  }
}
