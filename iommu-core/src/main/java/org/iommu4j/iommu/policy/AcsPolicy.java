package org.iommu4j.iommu.policy;

import static org.iommu4j.machine.pci.quirks.AcsFlags.CR;
import static org.iommu4j.machine.pci.quirks.AcsFlags.EC;
import static org.iommu4j.machine.pci.quirks.AcsFlags.ISOLATION;
import static org.iommu4j.machine.pci.quirks.AcsFlags.RR;
import static org.iommu4j.machine.pci.quirks.AcsFlags.TB;

import com.google.common.collect.ImmutableList;
import java.util.Locale;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.PcieType;
import org.iommu4j.machine.pci.quirks.AcsClaims;
import org.iommu4j.machine.pci.quirks.AcsFlags;
import org.iommu4j.machine.pci.quirks.PciQuirks;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.jspecify.annotations.Nullable;

/**
 * Which functions have Access Control Services (ACS) on, or keep their peers apart without.
 *
 * <p>Immutable. Every answer says why.
 *
 * <p>Configuration space shows the control registers as the kernel that was read had left them, not
 * as firmware had. Two things are therefore assumed, and said in the answer: where ACS was asked
 * for then and is not now, that firmware had left the bits clear that the kernel sets; and for
 * Intel ports that other registers of the chipset isolate, that those can be written once the
 * chipset's register block is enabled.
 *
 * <p>Source: {@code drivers/pci/pci.c:pci_enable_acs}, {@code pci_acs_enabled}.
 */
public final class AcsPolicy {
  private static final int CAPABILITY_ACS = 0x0d;
  private static final int LPC_DEVFN = 0x1f << 3;
  private static final int LPC_RCBA = 0xf0;

  private final AcsSettings settings;
  private final AcsQuirks quirks;
  private final TrustRule trust;
  private final @Nullable RedirectionSelectors redirectionOff;

  /** Makes the policy of a boot with these settings, by the quirks of its release. */
  public AcsPolicy(AcsSettings settings, PciQuirks quirks) {
    this.settings = settings;
    this.quirks = new AcsQuirks(quirks.acsClaims(), settings.firmwareTables());
    this.trust = quirks.trust();
    String selectors = settings.redirectionOff();
    this.redirectionOff = selectors == null ? null : RedirectionSelectors.parse(selectors);
  }

  /**
   * Returns the function's ACS registers once the kernel has set them up.
   *
   * <p>Source: {@code drivers/pci/pci.c:pci_acs_init}.
   */
  public AcsControl control(PciDevice device) {
    return new Setup(device).run();
  }

  /**
   * Returns whether the function has these flags on, by an entry of the kernel's table or else by
   * its type and its registers.
   *
   * <p>Source: {@code drivers/pci/pci.c:pci_acs_enabled}.
   */
  public AcsVerdict enabled(PciDevice device, int flags) {
    AcsControl control = control(device);
    AcsVerdict claimed = quirks.verdict(device, flags, control);
    return claimed != null ? claimed : byType(device, flags, control);
  }

  private static AcsVerdict byType(PciDevice device, int flags, AcsControl control) {
    String source = "drivers/pci/pci.c:pci_acs_enabled";
    if (!device.isPcie()) {
      return AcsVerdict.of(flags, device + ": conventional PCI", source);
    }
    PcieType type = device.pcieType().orElse(null);
    if (type == null) {
      return AcsVerdict.of(0, device + ": reserved PCI Express type", source);
    }
    return switch (type) {
      case PCI_TO_PCIE_BRIDGE, PCIE_TO_PCI_BRIDGE, ROOT_COMPLEX_EVENT_COLLECTOR ->
          AcsVerdict.of(flags, device + ": no ACS on a " + name(type), source);
      case DOWNSTREAM_PORT, ROOT_PORT -> byRegisters(device, flags, control);
      default ->
          device.multifunction()
              ? byRegisters(device, flags, control)
              : AcsVerdict.of(0, device + ": single-function " + name(type), source);
    };
  }

  // A flag that the capability lacks counts as hard-wired on, but for egress control.
  private static AcsVerdict byRegisters(PciDevice device, int flags, AcsControl control) {
    String source = "drivers/pci/pci.c:pci_acs_flags_enabled";
    if (!control.present()) {
      String what = device.pcieType().map(AcsPolicy::name).orElse("function");
      return AcsVerdict.of(flags, device + ": " + what + " without ACS capability", source);
    }
    int needed = flags & (control.capability() | EC);
    int missing = needed & ~control.control();
    String registers =
        String.format(
            "%s: ACS capability has %s, control has %s",
            device, AcsFlags.print(control.capability()), AcsFlags.print(control.control()));
    return AcsVerdict.of(missing, registers, source);
  }

  /**
   * Returns whether this function and all bridges above it have these flags on; the first that has
   * not gives the reason.
   *
   * <p>Source: {@code drivers/pci/pci.c:pci_acs_path_enabled}.
   */
  public AcsVerdict pathEnabled(PciDevice start, int flags) {
    AcsVerdict verdict = enabled(start, flags);
    PciDevice above = start.bus().self();
    while (verdict.enabled() && above != null) {
      verdict = enabled(above, flags);
      above = above.bus().self();
    }
    return verdict;
  }

  private static String name(PcieType type) {
    return type.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Sets one function up. */
  private final class Setup {
    private final PciDevice device;
    private final int offset;
    private final int controlOffset;
    private final int capability;
    private final ImmutableList.Builder<String> because = ImmutableList.builder();
    private int control;
    private boolean chipsetIsolates;

    Setup(PciDevice device) {
      this.device = device;
      offset = device.config().findExtendedCapability(CAPABILITY_ACS);
      controlOffset = offset + (AcsQuirks.isIntelPort(device, AcsClaims.INTEL_SPT) ? 8 : 6);
      capability = offset == 0 ? 0 : device.config().readWord(offset + 4);
      control = offset == 0 ? 0 : device.config().readWord(controlOffset);
    }

    AcsControl run() {
      because.add(
          offset == 0
              ? "no ACS capability"
              : String.format("control at 0x%x was %s", controlOffset, AcsFlags.print(control)));
      if (settings.requested()) {
        enable();
      } else if (settings.requestedWhenRead() && offset != 0) {
        control &= ~(capability & enabledFlags());
        because.add("ACS is not asked for as it was then: firmware is taken to have left it off");
      }
      if (redirectionOff != null && redirectionOff.matches(device)) {
        disableRedirection();
      }
      return new AcsControl(offset != 0, capability, control, chipsetIsolates, because.build());
    }

    // External-facing ports are marked only after this, so only what is below them blocks
    // translated requests: drivers/pci/pci-acpi.c:pci_acpi_setup.
    private int enabledFlags() {
      return device.untrusted(trust) ? ISOLATION | TB : ISOLATION;
    }

    private void enable() {
      if (AcsQuirks.isIntelPort(device, AcsClaims.INTEL_PCH)) {
        enableByChipset();
      } else if (offset != 0) {
        control |= capability & enabledFlags();
        because.add("the kernel sets " + AcsFlags.print(capability & enabledFlags()));
      }
    }

    // drivers/pci/quirks.c:pci_quirk_enable_intel_lpc_acs; a chipset without the LPC bridge reads
    // as all ones, which counts as enabled.
    private void enableByChipset() {
      int rcba = 0xffffffff;
      for (PciDevice sibling : device.bus().devices()) {
        rcba = sibling.address().devfn() == LPC_DEVFN ? sibling.config().readDword(LPC_RCBA) : rcba;
      }
      chipsetIsolates = (rcba & 1) != 0;
      because.add(
          chipsetIsolates
              ? "the chipset's root complex registers are on and taken to be set"
              : "the chipset's root complex registers are off");
    }

    private void disableRedirection() {
      if (offset == 0) {
        because.add("disable_acs_redir names it, but it has no ACS capability");
        return;
      }
      control &= ~(RR | CR | EC);
      because.add("disable_acs_redir clears RR CR EC");
    }
  }
}
