package org.iommu4j.vtd.policy;

import java.util.ArrayList;
import java.util.List;
import org.iommu4j.machine.pci.ConfigSpace;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.iommu4j.machine.pci.PciTopology;
import org.iommu4j.machine.pci.PcieType;

/** Makes small PCI topologies. */
public final class TestPci {
  /** A class code of an endpoint. */
  public static final int ETHERNET = 0x020000;

  /** The class code of a bridge. */
  public static final int BRIDGE = 0x060400;

  private final List<PciFunctionFacts> functions = new ArrayList<>();

  /** Makes a builder without functions. */
  public TestPci() {}

  /** Adds an endpoint. */
  public TestPci endpoint(String address, int classCode) {
    return add(address, 0x8086, 0x1234, classCode, config(0));
  }

  /** Adds an endpoint with these ids. */
  public TestPci endpoint(String address, int vendorId, int deviceId, int classCode) {
    return add(address, vendorId, deviceId, classCode, config(0));
  }

  /** Adds the endpoint 00.0 of a bus with a double word in its configuration space. */
  public TestPci hostBridge(String address, int offset, int value) {
    byte[] config = config(0);
    for (int i = 0; i < 4; i++) {
      config[offset + i] = (byte) (value >>> (8 * i));
    }
    return add(address, 0x8086, 0x3c00, 0x060000, config);
  }

  /** Adds a PCI Express bridge of this type. */
  public TestPci bridge(String address, PcieType type, int secondary, int subordinate) {
    byte[] config = bridgeConfig(secondary, subordinate);
    config[0x06] = 0x10;
    config[0x34] = 0x40;
    config[0x40] = 0x10;
    config[0x42] = (byte) (type.code() << 4 | 2);
    return add(address, 0x8086, 0x3420, BRIDGE, config);
  }

  /** Adds a conventional PCI bridge. */
  public TestPci conventionalBridge(String address, int secondary, int subordinate) {
    return add(address, 0x8086, 0x244e, BRIDGE, bridgeConfig(secondary, subordinate));
  }

  private static byte[] config(int headerType) {
    byte[] config = new byte[256];
    config[0x0e] = (byte) headerType;
    return config;
  }

  private static byte[] bridgeConfig(int secondary, int subordinate) {
    byte[] config = config(1);
    config[0x19] = (byte) secondary;
    config[0x1a] = (byte) subordinate;
    return config;
  }

  private TestPci add(String address, int vendor, int device, int classCode, byte[] config) {
    config[0] = (byte) vendor;
    config[1] = (byte) (vendor >> 8);
    config[2] = (byte) device;
    config[3] = (byte) (device >> 8);
    config[0x09] = (byte) classCode;
    config[0x0a] = (byte) (classCode >> 8);
    config[0x0b] = (byte) (classCode >> 16);
    functions.add(
        PciFunctionFacts.ofConfig(PciAddress.parse(address).orElseThrow(), ConfigSpace.of(config)));
    return this;
  }

  /** Returns the topology. */
  public PciTopology build() {
    return PciTopology.of(functions);
  }

  /** Returns a function of a topology. */
  public static PciDevice at(PciTopology pci, String address) {
    return pci.device(PciAddress.parse(address).orElseThrow()).orElseThrow();
  }
}
