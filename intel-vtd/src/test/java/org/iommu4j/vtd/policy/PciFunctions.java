package org.iommu4j.vtd.policy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import org.iommu4j.machine.pci.ConfigSpaces;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.TopologyBuilder;

/** Makes machines of Intel's functions that have little more than ids, for tests. */
final class PciFunctions {
  private static final int HOST_BRIDGE = 0x060000;

  private final TopologyBuilder topology = new TopologyBuilder();

  /** Adds a function. */
  @CanIgnoreReturnValue
  PciFunctions intel(String address, int deviceId, int classCode, int revision) {
    topology.add(address, space(deviceId).classCode(classCode).revision(revision));
    return this;
  }

  /** Adds a host bridge with one more 16-bit register. */
  @CanIgnoreReturnValue
  PciFunctions hostBridge(String address, int deviceId, int offset, int value) {
    topology.add(address, space(deviceId).classCode(HOST_BRIDGE).word(offset, value));
    return this;
  }

  /** Adds a function with one more 32-bit register. */
  @CanIgnoreReturnValue
  PciFunctions withRegister(String address, int deviceId, int offset, int value) {
    topology.add(address, space(deviceId).classCode(HOST_BRIDGE).dword(offset, value));
    return this;
  }

  /** Adds a function of which only the first 256 bytes can be read. */
  @CanIgnoreReturnValue
  PciFunctions withoutExtendedSpace(String address, int deviceId) {
    topology.add(address, space(deviceId).classCode(HOST_BRIDGE).withoutExtendedSpace());
    return this;
  }

  /** Adds a root port. */
  @CanIgnoreReturnValue
  PciFunctions port(String address, int secondary) {
    topology.add(address, portSpace(secondary));
    return this;
  }

  /** Adds a root port that is the first of several functions. */
  @CanIgnoreReturnValue
  PciFunctions multifunctionPort(String address, int secondary) {
    topology.add(address, portSpace(secondary).multifunction());
    return this;
  }

  /** Adds a root port that leads out of the chassis; what is behind it is not trusted. */
  @CanIgnoreReturnValue
  PciFunctions externalPort(String address, int secondary) {
    topology.addExternal(address, portSpace(secondary));
    return this;
  }

  private static ConfigSpaces space(int deviceId) {
    return ConfigSpaces.of(0x8086, deviceId);
  }

  private static ConfigSpaces portSpace(int secondary) {
    return space(0x1234).bridge(secondary, secondary).revision(0x20).pcie(PcieType.ROOT_PORT);
  }

  /** Returns the machine. */
  PciTopology build() {
    return topology.build();
  }
}
