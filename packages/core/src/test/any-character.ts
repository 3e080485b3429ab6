import * as fc from "fast-check";

/** As fast-check's unit `binary`, which first makes a table of all 1,112,064 characters. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .nat(0x10_ff_ff)
  .filter((point) => point < 0xd8_00 || point > 0xdf_ff)
  .map((point) => String.fromCodePoint(point));
