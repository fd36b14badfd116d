package org.iommu4j.vtd;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import java.util.OptionalInt;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.policy.DmaAliases;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.Coverage;
import org.iommu4j.iommu.spi.DomainDemand;
import org.iommu4j.iommu.spi.DomainLock;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.iommu.spi.OpsChoice;
import org.iommu4j.iommu.spi.UnitRegistration;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vtd.dma.DmaDomains;
import org.iommu4j.vtd.dma.IntelDmaOps;
import org.iommu4j.vtd.driver.DriverRules;
import org.iommu4j.vtd.driver.IntelIommu;
import org.iommu4j.vtd.driver.IntelIommu.Choice;
import org.iommu4j.vtd.policy.DomainDemands;
import org.iommu4j.vtd.policy.IntelParameters;
import org.iommu4j.vtd.policy.OpsPolicy;
import org.iommu4j.vtd.policy.PolicyRules.Trait;
import org.iommu4j.vtd.policy.RemappingUnit;
import org.iommu4j.vtd.policy.RmrrLockPolicy;
import org.iommu4j.vtd.release.VtdRules;
import org.jspecify.annotations.Nullable;

/**
 * The Intel driver from the units to the devices: calls the policies and programs what they decide.
 * Immutable.
 */
final class VtdProbe implements IommuProbe {
  private static final Rule RELEASE = new Rule("device-release");

  private final BootContext context;
  private final VtdRules rules;
  private final IntelParameters parameters;
  private final UsedUnits units;
  private final boolean interruptsRemapped;
  private final OpsPolicy opsPolicy;
  private final DomainDemands demands;

  VtdProbe(
      BootContext context,
      VtdRules rules,
      IntelParameters parameters,
      UsedUnits units,
      boolean interruptsRemapped) {
    this.context = context;
    this.rules = rules;
    this.parameters = parameters;
    this.units = units;
    this.interruptsRemapped = interruptsRemapped;
    this.demands =
        new DomainDemands(
            rules.policy(),
            context.rules().quirks().trust(),
            context.rules().domainTypes(),
            units.graphics().identityMapping());
    IntelDmaOps remapping = new IntelDmaOps(context.services());
    this.opsPolicy =
        OpsPolicy.of(
            rules.policy(),
            new OpsPolicy.Own(remapping, remapping.bouncing(), parameters.noBounce()),
            context.rules().quirks().trust());
  }

  @Override
  public boolean isStrict() {
    return units.strict();
  }

  @Override
  public ImmutableList<UnitRegistration> registrations() {
    return units.bringUp().registrations();
  }

  @Override
  public void registering(UnitRegistration unit) {
    unit.log().forEach(context::log);
  }

  @Override
  public void releasing(UnitRegistration unit) {
    if (rules.policy().does(Trait.DIES_RELEASING_UNATTACHED)) {
      throw context.stop(
          Decision.of(
              RELEASE,
              "the kernel stops at a null pointer",
              "drivers/iommu/intel/iommu.c:dmar_remove_one_dev_info",
              "a device of " + unit.unit() + " that has no domain is taken out of it"));
    }
  }

  @Override
  public Coverage coverage(PciDevice device) {
    return units.coverageOf(device);
  }

  @Override
  public DomainDemand domainDemand(PciDevice device) {
    return demands.of(device, units.lookup());
  }

  @Override
  public ImmutableList<ReservedRegion> reservedRegions(PciDevice device) {
    KernelConfig config = context.machine().config();
    boolean floppy = config.isEnabled("CONFIG_INTEL_IOMMU_FLOPPY_WA");
    return units.lookup().reservedRegions(device, floppy);
  }

  @Override
  public DomainLock domainLock(PciDevice device) {
    return RmrrLockPolicy.decide(device, reservedRegions(device), rules.policy().sources().lock());
  }

  @Override
  public OptionalInt addressBits(PciDevice device) {
    return units.lookup().unitOf(device).stream()
        .filter(found -> !found.unit().registers().assumed())
        .mapToInt(found -> found.unit().addressBits())
        .findFirst();
  }

  // drivers/iommu/intel/iommu.c:prepare_domain_attach_device.
  @Override
  public boolean canAttach(PciDevice device, long mappedEnd) {
    return units
        .lookup()
        .unitOf(device)
        .filter(found -> Long.compareUnsigned(mappedEnd, 1L << found.unit().addressBits()) <= 0)
        .isPresent();
  }

  @Override
  public OpsChoice probeFinalize(PciDevice device, @Nullable DomainType domainType) {
    return opsPolicy.choose(device, domainType);
  }

  @Override
  public boolean isDacForced() {
    return parameters.forceDac() || context.parameters().dacForced();
  }

  @Override
  public void probed() {
    context.log("DMAR: Intel(R) Virtualization Technology for Directed I/O");
  }

  /** Programs the units that translate, for the functions that are there at boot. */
  @Override
  public IommuDriver start() {
    boolean scalable = rules.driver().does(DriverRules.DriverTrait.SCALABLE_MODE);
    if (!scalable) {
      refuseScalableMode();
    }
    IntelIommu.Settings settings =
        new IntelIommu.Settings(
            rules.driver(),
            units.lookup(),
            DmaAliases.of(context.machine().pci(), context.rules().quirks()),
            units.translating(),
            units.identityMapped(),
            units
                .scopes()
                .parse()
                .table()
                .map(table -> table.header().hostAddressWidth())
                .orElse(PhysicalMemory.ADDRESS_BITS),
            choices());
    boolean ownOps = rules.driver().does(DriverRules.DriverTrait.OWN_DMA_OPS);
    return new IntelIommu(settings, context.services(), ownOps ? dmaDomains() : null);
  }

  private DmaDomains dmaDomains() {
    return new DmaDomains(
        context.services(),
        new DmaDomains.Settings(rules.dma(), units.strict(), parameters.forceDac()),
        context.machine().pci().devices().stream()
            .filter(device -> !device.isVirtualFunction())
            .filter(device -> device.address().domain() <= 0xffff)
            .toList());
  }

  private ImmutableSet<Choice> choices() {
    ImmutableSet.Builder<Choice> choices = ImmutableSet.builder();
    choose(choices, Choice.SUPERPAGES, parameters.superpages());
    choose(choices, Choice.HARDWARE_PASS_THROUGH, units.bringUp().hardwarePassThrough());
    choose(choices, Choice.NO_DEVICE_TLBS, context.parameters().atsDisabled());
    choose(choices, Choice.WRITE_BUFFER_FLUSH, units.graphics().writeBufferFlush());
    choose(choices, Choice.INTERRUPTS_REMAPPED, interruptsRemapped);
    choose(choices, Choice.SCALABLE_MODE, parameters.scalableMode());
    return choices.build();
  }

  private static void choose(ImmutableSet.Builder<Choice> choices, Choice choice, boolean chosen) {
    if (chosen) {
      choices.add(choice);
    }
  }

  // include/linux/intel-iommu.h:sm_supported. What 5.10 does there is not modelled, and legacy mode
  // translates and faults otherwise: no answer is better than that one.
  private void refuseScalableMode() {
    Optional<RemappingUnit> unit = units.withScalableMode();
    if (parameters.scalableMode() && unit.isPresent()) {
      throw BadInputException.atLine(
          "proc/cmdline",
          1,
          "only legacy mode is modelled",
          unit.get().name()
              + " has scalable mode (SMTS), which Linux is to use (sm_on, or its build's"
              + " default)");
    }
  }
}
