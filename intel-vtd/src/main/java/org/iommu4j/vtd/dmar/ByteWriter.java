package org.iommu4j.vtd.dmar;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.ByteArrayOutputStream;

/** Collects little-endian fields. */
final class ByteWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @CanIgnoreReturnValue
  ByteWriter octet(int value) {
    out.write(value);
    return this;
  }

  @CanIgnoreReturnValue
  ByteWriter word(int value) {
    return octet(value).octet(value >>> 8);
  }

  @CanIgnoreReturnValue
  ByteWriter dword(int value) {
    return word(value).word(value >>> 16);
  }

  @CanIgnoreReturnValue
  ByteWriter qword(long value) {
    return dword((int) value).dword((int) (value >>> 32));
  }

  @CanIgnoreReturnValue
  ByteWriter octets(Octets octets) {
    out.writeBytes(octets.toByteArray());
    return this;
  }

  int size() {
    return out.size();
  }

  byte[] toByteArray() {
    return out.toByteArray();
  }
}
