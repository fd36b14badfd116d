package org.iommu4j.machine.pci;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import org.iommu4j.machine.pci.quirks.ClassQuirks;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.jspecify.annotations.Nullable;

/**
 * One PCI function with its place in the topology, as {@code struct pci_dev} of the kernel.
 *
 * <p>Immutable once its {@link PciTopology} is built.
 *
 * <p>Source: {@code include/linux/pci.h:struct pci_dev}, {@code
 * drivers/pci/probe.c:pci_setup_device}.
 */
public final class PciDevice {
  private static final int CAPABILITY_PCI_EXPRESS = 0x10;
  private static final int CAPABILITY_SUBSYSTEM = 0x0d;
  private static final int BASE_CLASS_DISPLAY = 0x03;
  private static final int CLASS_SERIAL_USB = 0x0c03;
  private static final int CLASS_BRIDGE_ISA = 0x0601;

  private final PciFunctionFacts facts;
  private final PciBus bus;
  private final boolean multifunction;
  private final @Nullable PciDevice physicalFunction;
  private final int pcieCapability;
  private final @Nullable PcieType pcieType;
  private @Nullable PciBus subordinate;

  PciDevice(
      PciFunctionFacts facts,
      PciBus bus,
      boolean multifunction,
      @Nullable PciDevice physicalFunction) {
    this.facts = facts;
    this.bus = bus;
    this.multifunction = multifunction;
    this.physicalFunction = physicalFunction;
    ConfigSpace shared = physicalFunction == null ? facts.config() : physicalFunction.config();
    this.pcieCapability =
        physicalFunction != null && facts.config().findCapability(CAPABILITY_PCI_EXPRESS) == 0
            ? shared.findCapability(CAPABILITY_PCI_EXPRESS)
            : facts.config().findCapability(CAPABILITY_PCI_EXPRESS);
    this.pcieType = pcieCapability == 0 ? null : correctedType(shared);
  }

  private @Nullable PcieType correctedType(ConfigSpace config) {
    PcieType claimed = PcieType.ofCode(config.readWord(pcieCapability + 2) >> 4 & 0xf).orElse(null);
    PciDevice parent = upstreamBridge();
    if (parent == null) {
      return claimed;
    }
    // Some firmware mixes the two sides of a switch up: drivers/pci/probe.c:set_pcie_port_type.
    PcieType parentType = parent.pcieType;
    if (claimed == PcieType.DOWNSTREAM_PORT
        && (parentType == PcieType.DOWNSTREAM_PORT || parentType == PcieType.ROOT_PORT)) {
      return PcieType.UPSTREAM_PORT;
    }
    if (claimed == PcieType.UPSTREAM_PORT && parentType == PcieType.UPSTREAM_PORT) {
      return PcieType.DOWNSTREAM_PORT;
    }
    return claimed;
  }

  void setSubordinate(PciBus subordinate) {
    this.subordinate = subordinate;
  }

  /** Returns the facts that this function was built from. */
  public PciFunctionFacts facts() {
    return facts;
  }

  /** Returns the function's address. */
  public PciAddress address() {
    return facts.address();
  }

  /** Returns the configuration space as read. */
  public ConfigSpace config() {
    return facts.config();
  }

  /** Returns the vendor id. */
  public int vendorId() {
    return facts.vendorId();
  }

  /** Returns the device id. */
  public int deviceId() {
    return facts.deviceId();
  }

  /**
   * Returns base class, subclass and programming interface as the kernel corrects them, 24 bits.
   */
  public int classCode() {
    return ClassQuirks.corrected(
        vendorId(), deviceId(), subsystemVendorId(), subsystemId(), facts.classCode());
  }

  /**
   * Returns the vendor of the card, or 0 where the header has no such field.
   *
   * <p>Source: {@code drivers/pci/probe.c:pci_setup_device}.
   */
  public int subsystemVendorId() {
    return subsystemWord(0);
  }

  /** Returns the card as its vendor numbers it, or 0 where the header has no such field. */
  public int subsystemId() {
    return subsystemWord(2);
  }

  private int subsystemWord(int offset) {
    return switch (headerType()) {
      case 0 -> config().readWord(0x2c + offset);
      case 1 -> {
        int capability = config().findCapability(CAPABILITY_SUBSYSTEM);
        yield capability == 0 ? 0 : config().readWord(capability + 4 + offset);
      }
      case 2 -> config().readWord(0x40 + offset);
      default -> 0;
    };
  }

  /** Returns base class and subclass, 16 bits. */
  public int subclass() {
    return classCode() >>> 8;
  }

  /** Returns the revision id. */
  public int revision() {
    return config().readByte(0x08);
  }

  /** Returns the ranges that the function decodes. */
  public ImmutableList<PciResource> resources() {
    return facts.resources();
  }

  /** Returns the driver that the function was bound to when the facts were read. */
  public DriverBinding driver() {
    return facts.driver();
  }

  /** Returns the bus that the function is on. */
  public PciBus bus() {
    return bus;
  }

  /** Returns the bus behind this bridge, or null if this is none or has none. */
  public @Nullable PciBus subordinate() {
    return subordinate;
  }

  /** Returns the header layout: 0 for an endpoint, 1 for a bridge, 2 for CardBus. */
  public int headerType() {
    return (physicalFunction == null ? config() : physicalFunction.config()).headerType();
  }

  /** Returns whether the kernel takes the function for one of several of its slot. */
  public boolean multifunction() {
    return multifunction;
  }

  /** Returns whether this is a virtual function of SR-IOV. */
  public boolean isVirtualFunction() {
    return physicalFunction != null;
  }

  /** Returns the physical function of a virtual one, or else the function itself. */
  public PciDevice physicalFunction() {
    return physicalFunction == null ? this : physicalFunction;
  }

  /** Returns whether the function has a PCI Express capability. */
  public boolean isPcie() {
    return pcieCapability != 0;
  }

  /** Returns the offset of the PCI Express capability, or 0 if there is none. */
  public int pcieCapability() {
    return pcieCapability;
  }

  /** Returns the PCI Express type as the kernel corrects it, or empty for conventional PCI. */
  public Optional<PcieType> pcieType() {
    return Optional.ofNullable(pcieType);
  }

  /** Returns whether the function has this PCI Express type. */
  public boolean isPcieType(PcieType type) {
    return pcieType == type;
  }

  /**
   * Returns whether this is a root port that firmware marks as leading outside of the chassis; the
   * mark counts on no other kind of port.
   *
   * <p>Source: {@code drivers/pci/pci-acpi.c:pci_acpi_set_external_facing}.
   */
  public boolean externalFacing() {
    return facts.externalFacing() && pcieType == PcieType.ROOT_PORT;
  }

  /**
   * Returns whether somebody could have plugged the function in from outside.
   *
   * <p>Source: {@code drivers/pci/probe.c:set_pcie_untrusted}.
   */
  public boolean untrusted(TrustRule rule) {
    return Removability.isUntrusted(this, rule);
  }

  /**
   * Returns the bridge upstream of the function (of its physical function, for a virtual one), or
   * null on a root bus.
   *
   * <p>Source: {@code include/linux/pci.h:pci_upstream_bridge}.
   */
  public @Nullable PciDevice upstreamBridge() {
    return physicalFunction().bus.self();
  }

  /** Returns whether the function is a display controller. */
  public boolean isDisplay() {
    return classCode() >>> 16 == BASE_CLASS_DISPLAY;
  }

  /** Returns whether the function is a USB controller. */
  public boolean isUsb() {
    return subclass() == CLASS_SERIAL_USB;
  }

  /** Returns whether the function is a bridge to ISA. */
  public boolean isIsaBridge() {
    return subclass() == CLASS_BRIDGE_ISA;
  }

  @Override
  public String toString() {
    return address().toString();
  }
}
