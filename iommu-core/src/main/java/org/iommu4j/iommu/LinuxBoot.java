package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.BootReport.IommuState;
import org.iommu4j.iommu.BootReport.SwiotlbState;
import org.iommu4j.iommu.dma.DmaIommuRules;
import org.iommu4j.iommu.dma.PromisedDmaOps;
import org.iommu4j.iommu.dma.release.DmaReleases;
import org.iommu4j.iommu.policy.AcsSettings;
import org.iommu4j.iommu.policy.DacPolicy;
import org.iommu4j.iommu.policy.DefaultDomainPolicy;
import org.iommu4j.iommu.policy.GroupPolicy;
import org.iommu4j.iommu.policy.SwiotlbPolicy;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.Initialization.Enabled;
import org.iommu4j.iommu.spi.Interrupts;
import org.iommu4j.iommu.spi.IommuBoot;
import org.iommu4j.iommu.spi.IommuProbe;
import org.iommu4j.iommu.spi.KernelStopped;
import org.iommu4j.iommu.spi.Off;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.jspecify.annotations.Nullable;

/** One boot of a machine, step by step in the kernel's order. Used once. */
final class LinuxBoot {
  private final Machine machine;
  private final BootOptions options;
  private final KernelParameters parameters;
  private final SwiotlbPolicy.Pool swiotlb;
  private final PoolSetup bounce;
  private final SystemServices services;
  private final AtomicReference<@Nullable LiveSystem> live = new AtomicReference<>();
  private final BootJournal journal;
  private final Map<PciDevice, DeviceState> states = new LinkedHashMap<>();
  private Interrupts interrupts = Interrupts.NOBODY_ASKED;
  private @Nullable IommuProbe enabled;
  private ImmutableList<IommuGroup> groups = ImmutableList.of();

  LinuxBoot(Machine machine, BootOptions options) {
    this.machine = machine;
    this.options = options;
    this.journal = new BootJournal(machine.missing());
    this.parameters = read(machine.commandLine());
    this.swiotlb = pool(parameters);
    this.bounce = PoolSetup.of(machine, swiotlb, parameters, options.rules());
    this.services = ServiceSetup.of(machine, options, bounce, this::logAtRunTime);
    machine.pci().devices().forEach(device -> states.put(device, new DeviceState(device)));
  }

  private KernelParameters read(CommandLine line) {
    KernelRules rules = options.rules();
    return KernelParameters.parse(line, machine.config(), rules.parameters(), rules.swiotlb());
  }

  private SwiotlbPolicy.Pool pool(KernelParameters read) {
    return SwiotlbPolicy.decide(
        read,
        machine.memory(),
        machine.processor().memoryEncryption(),
        ServiceSetup.cpus(machine),
        options.rules().swiotlb(),
        options.rules().detection());
  }

  private void logAtRunTime(String line) {
    LiveSystem system = live.get();
    if (system != null) {
      system.log(line);
    }
  }

  LinuxSystem run() {
    BootOutcome outcome;
    try {
      outcome = boot();
    } catch (KernelStopped stopped) {
      states.values().forEach(DeviceState::neverProbed);
      DefaultDomainPolicy.DefaultDomain asked = asked(false);
      outcome = BootOutcome.off(asked.type(), sourceOf(asked), false, null);
    }
    states.values().stream().filter(DeviceState::dmaIommu).forEach(this::promiseOps);
    Map<PciDevice, Device> byFunction = new LinkedHashMap<>();
    states.forEach((pci, state) -> byFunction.put(pci, state.device()));
    LiveSystem system =
        new LiveSystem(
            services,
            enabled,
            groups,
            byFunction,
            machine.memory(),
            options.tracepoints(),
            options.observers().dma());
    live.set(system);
    return new LinuxSystem(report(outcome), devices(), system);
  }

  private void promiseOps(DeviceState state) {
    DmaIommuRules rules = DmaReleases.rules(options.rules());
    boolean untrusted = state.pci().untrusted(options.rules().quirks().trust());
    state.device().setDmaOps(PromisedDmaOps.of(rules, untrusted));
  }

  private DefaultDomainPolicy.DefaultDomain asked(boolean vendorStrict) {
    return DefaultDomainPolicy.decide(
        parameters,
        machine.config(),
        machine.processor().memoryEncryption(),
        vendorStrict,
        options.rules().defaultDomain());
  }

  private static String sourceOf(DefaultDomainPolicy.DefaultDomain asked) {
    return asked.setOnCommandLine() ? "kernel command line" : "kernel configuration";
  }

  private BootOutcome boot() {
    parameters.logLines().forEach(journal::log);
    IommuSearch search = new IommuSearch(begin(), journal);
    detect(search);
    swiotlb.log().forEach(journal::log);
    interrupts = search.prepareInterrupts();
    journal.decide(interrupts.decision());
    DefaultDomainPolicy.DefaultDomain asked = asked(search.isStrict());
    asked.log().forEach(journal::log);
    journal.decide(asked.decision());
    limitBelowBridges();
    Enabled done = search.initialize(asked.type());
    BootOutcome outcome = done == null ? off(search, asked) : probe(search, asked, done);
    if (swiotlb.announced()) {
      journal.log("PCI-DMA: Using software bounce buffering for IO (SWIOTLB)");
    }
    if (options.rules().detection().tellsOfPool()) {
      bounce.line().ifPresent(journal::log);
    }
    return outcome;
  }

  private ImmutableList<IommuBoot> begin() {
    return options.vendors().stream()
        .map(
            vendor ->
                new VendorContext(vendor, options.rules(), machine, parameters, services, journal))
        .flatMap(context -> context.vendor().begin(context).stream())
        .collect(ImmutableList.toImmutableList());
  }

  // arch/x86/kernel/pci-dma.c:pci_iommu_alloc: a pool that was asked for ends the search.
  private void detect(IommuSearch search) {
    journal.decide(swiotlb.decision());
    if (swiotlb.searchEnd() == null) {
      search.detect();
    } else {
      search.skip(new Off(swiotlb.searchEnd(), swiotlb.decision()));
    }
  }

  // drivers/pci/quirks.c:pci_apply_final_quirks
  private void limitBelowBridges() {
    boolean allowed = parameters.viaDacQuirkDisabled();
    for (PciDevice bridge : DacPolicy.bridges(machine.pci(), allowed)) {
      journal.log("pci " + bridge + ": disabling DAC on VIA PCI bridge");
      for (PciDevice device : DacPolicy.below(bridge)) {
        DeviceState state = Objects.requireNonNull(states.get(device));
        state.device().setBusDmaLimit(DacPolicy.LIMIT);
        state.decide(DacPolicy.decision(bridge));
      }
    }
  }

  private BootOutcome off(IommuSearch search, DefaultDomainPolicy.DefaultDomain asked) {
    Off off = search.off();
    String because = off == null ? "no vendor is known" : off.why().words();
    states.values().forEach(state -> state.summarize("no IOMMU: " + because));
    return BootOutcome.off(asked.type(), sourceOf(asked), isStrict(search), off);
  }

  private boolean isStrict(IommuSearch search) {
    boolean byVendor = search.isStrict();
    return options.rules().defaultDomain().typesTellStrictness()
        ? DefaultDomainPolicy.isStrict(parameters, machine.config(), byVendor)
        : byVendor;
  }

  private BootOutcome probe(
      IommuSearch search, DefaultDomainPolicy.DefaultDomain asked, Enabled done) {
    IommuProbe probe = done.probe();
    DefaultDomain usual =
        new DefaultDomain(
            done.defaultType(),
            done.defaultSource().orElse(sourceOf(asked)),
            options.rules().defaultDomain());
    TrustRule trust = options.rules().quirks().trust();
    BusProbe bus = new BusProbe(probe, groupPolicy(search), trust, usual, states, journal::log);
    groups = bus.run();
    DefaultDomain global = bus.defaultDomain();
    enabled = probe;
    probe.probed();
    return new BootOutcome(
        true,
        global.globalType(),
        global.globalSource(),
        probe.isStrict(),
        null,
        BootReportBuilder.groups(groups, probe));
  }

  private GroupPolicy groupPolicy(IommuSearch search) {
    boolean acsRequested =
        search.found().stream()
            .anyMatch(boot -> boot.asksForAcs(machine.commandLine(), parameters));
    AcsSettings settings =
        new AcsSettings(
            acsRequested,
            acsRequestedWhenRead(search, acsRequested),
            parameters.disableAcsRedir().orElse(null),
            machine.firmwareTables().keySet());
    return GroupPolicy.of(machine.pci(), settings, options.rules().quirks());
  }

  // Configuration space shows what the kernel left that it was read under.
  private boolean acsRequestedWhenRead(IommuSearch search, boolean acsRequested) {
    CommandLine recorded = machine.recordedCommandLine();
    if (recorded.text().equals(machine.commandLine().text())) {
      return acsRequested;
    }
    KernelParameters then = read(recorded);
    return pool(then).searchEnd() == null
        && search.all().stream().anyMatch(boot -> boot.asksForAcs(recorded, then));
  }

  private BootReport report(BootOutcome outcome) {
    IommuState iommu =
        new IommuState(
            outcome.enabled(),
            outcome.defaultType(),
            outcome.defaultSource(),
            outcome.strict(),
            outcome.off());
    return new BootReport(
        machine.name(),
        options.rules(),
        machine.commandLine().text(),
        iommu,
        interrupts,
        new SwiotlbState(swiotlb.active(), swiotlb.bytes(), swiotlb.areas()),
        BootReportBuilder.devices(states.values(), enabled, options.rules()),
        outcome.groups(),
        journal.log(),
        journal.decisions(),
        journal.missing());
  }

  private ImmutableMap<PciAddress, Device> devices() {
    return states.values().stream()
        .collect(ImmutableMap.toImmutableMap(state -> state.pci().address(), DeviceState::device));
  }
}
