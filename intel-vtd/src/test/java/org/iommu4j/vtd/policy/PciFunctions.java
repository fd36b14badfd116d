package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciTopology;

/** Makes machines of functions that have little more than ids, for tests. */
final class PciFunctions {
  private final List<PciFunctionFacts> functions = new ArrayList<>();

  /** Adds a function of Intel's. */
  @CanIgnoreReturnValue
  PciFunctions intel(String address, int deviceId, int classCode, int revision) {
    return add(address, space(deviceId, classCode, revision), false);
  }

  /** Adds a function of Intel's with one more 32-bit register. */
  @CanIgnoreReturnValue
  PciFunctions intel(String address, int deviceId, int offset, int width, int value) {
    byte[] bytes = space(deviceId, 0x060000, 0);
    for (int i = 0; i < width; i++) {
      bytes[offset + i] = (byte) (value >> (8 * i));
    }
    return add(address, bytes, false);
  }

  /** Adds a function of Intel's of which only the first 256 bytes can be read. */
  @CanIgnoreReturnValue
  PciFunctions intelWithoutExtendedSpace(String address, int deviceId) {
    return add(address, Arrays.copyOf(space(deviceId, 0x060000, 0), 256), false);
  }

  /** Adds a root port; what is behind an external one is not trusted. */
  @CanIgnoreReturnValue
  PciFunctions bridge(String address, int secondary, boolean multifunction, boolean external) {
    byte[] bytes = space(0x1234, 0x060400, 0x20);
    bytes[0x0e] = (byte) (multifunction ? 0x81 : 0x01);
    bytes[0x19] = (byte) secondary;
    bytes[0x1a] = (byte) secondary;
    bytes[0x06] = 0x10;
    bytes[0x34] = 0x40;
    bytes[0x40] = 0x10;
    bytes[0x42] = 0x42;
    return add(address, bytes, external);
  }

  private static byte[] space(int deviceId, int classCode, int revision) {
    byte[] bytes = new byte[ConfigSpace.EXTENDED_BYTES];
    bytes[0] = (byte) 0x86;
    bytes[1] = (byte) 0x80;
    bytes[2] = (byte) deviceId;
    bytes[3] = (byte) (deviceId >> 8);
    bytes[0x08] = (byte) revision;
    bytes[0x09] = (byte) classCode;
    bytes[0x0a] = (byte) (classCode >> 8);
    bytes[0x0b] = (byte) (classCode >> 16);
    return bytes;
  }

  private PciFunctions add(String text, byte[] bytes, boolean external) {
    PciAddress address = PciAddress.parse(text).orElseThrow();
    ConfigSpace config = ConfigSpace.of(bytes);
    PciFunctionFacts facts = PciFunctionFacts.ofConfig(address, config);
    functions.add(
        new PciFunctionFacts(
            address,
            config,
            facts.vendorId(),
            facts.deviceId(),
            facts.classCode(),
            ImmutableList.of(),
            external));
    return this;
  }

  /** Returns the machine. */
  PciTopology build() {
    return PciTopology.of(functions);
  }
}
