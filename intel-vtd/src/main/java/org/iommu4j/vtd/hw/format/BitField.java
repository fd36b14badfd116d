package org.iommu4j.vtd.hw.format;

import com.google.errorprone.annotations.Immutable;

/**
 * A field of an entry or a register, by the specification's name and bit numbers.
 *
 * <p>Entries of 128 bits are two 64-bit words: bits 63:0 lie in word 0, bits 127:64 in word 1.
 * Every method takes or gives the word that holds the field. Held in a static final constant, a
 * field costs a shift and a mask.
 *
 * @param name the specification's short name, such as {@code SLPTPTR}
 * @param highBit the number of the highest bit
 * @param lowBit the number of the lowest bit, in the same 64-bit word
 */
@Immutable
public record BitField(String name, int highBit, int lowBit) {
  /** Checks the bit numbers; throws {@link IllegalArgumentException} where they make no field. */
  public BitField {
    if (lowBit < 0 || highBit < lowBit || highBit >> 6 != lowBit >> 6) {
      throw new IllegalArgumentException(name + " " + highBit + ":" + lowBit + " is no field");
    }
  }

  /** Returns the field {@code high:low}. */
  public static BitField bits(String name, int high, int low) {
    return new BitField(name, high, low);
  }

  /** Returns the field of one bit. */
  public static BitField bit(String name, int bit) {
    return new BitField(name, bit, bit);
  }

  /** Returns the number of the 64-bit word that the field lies in, 0 for the lowest. */
  public int word() {
    return lowBit >> 6;
  }

  /** Returns the largest value of the field, which is unsigned. */
  public long maximum() {
    return -1L >>> (63 - (highBit - lowBit));
  }

  /** Returns the field's bits in its word. */
  public long mask() {
    return maximum() << (lowBit & 63);
  }

  /** Returns the field's value in {@code word}. */
  public long get(long word) {
    return (word >>> (lowBit & 63)) & maximum();
  }

  /** Returns whether any bit of the field is set in {@code word}. */
  public boolean isSet(long word) {
    return (word & mask()) != 0;
  }

  /**
   * Returns a word that holds {@code value} in this field and zeros elsewhere; throws {@link
   * IllegalArgumentException} if the value does not fit.
   */
  public long of(long value) {
    if ((value & ~maximum()) != 0) {
      throw new IllegalArgumentException(
          String.format("0x%x does not fit %s, bits %d:%d", value, name, highBit, lowBit));
    }
    return value << (lowBit & 63);
  }

  /** Returns {@code word} with this field set to {@code value}, as {@link #of} checks it. */
  public long replace(long word, long value) {
    return (word & ~mask()) | of(value);
  }
}
