package org.iommu4j.iommu;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.iommu4j.dma.Device;
import org.iommu4j.iommu.BootReport.IommuState;
import org.iommu4j.iommu.BootReport.SwiotlbState;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.policy.AcsSettings;
import org.iommu4j.iommu.policy.DacPolicy;
import org.iommu4j.iommu.policy.DefaultDomainPolicy;
import org.iommu4j.iommu.policy.GroupPolicy;
import org.iommu4j.iommu.policy.SwiotlbPolicy;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.Detection;
import org.iommu4j.iommu.spi.Initialization;
import org.iommu4j.iommu.spi.Interrupts;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.KernelStopped;
import org.iommu4j.iommu.spi.SystemServices;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.Machine;
import org.iommu4j.machine.MissingFact;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciDevice;
import org.jspecify.annotations.Nullable;

/** One boot of a machine, step by step in the kernel's order. Used once. */
final class LinuxBoot implements BootContext {
  private static final ImmutableList<String> OURS =
      ImmutableList.of("DMAR: ", "iommu: ", "PCI-DMA: ", "pci ");

  private static final String PREPARE = "drivers/iommu/irq_remapping.c:irq_remapping_prepare";

  private final Machine machine;
  private final BootOptions options;
  private final KernelParameters parameters;
  private final SwiotlbPolicy.Pool swiotlb;
  private final SystemServices services;
  private final AtomicReference<@Nullable LiveSystem> live = new AtomicReference<>();
  private final List<IommuDriver> drivers = new ArrayList<>();
  private String offBecause = "no vendor is known";
  private Interrupts interrupts = Interrupts.notRemapped(PREPARE, "no driver has prepared it");
  private final List<String> log = new ArrayList<>();
  private final List<Decision> decisions = new ArrayList<>();
  private final Set<MissingFact> missing;
  private final Map<PciDevice, DeviceState> states = new LinkedHashMap<>();
  private @Nullable IommuDriver enabled;
  private ImmutableList<IommuGroup> groups = ImmutableList.of();

  LinuxBoot(Machine machine, BootOptions options) {
    this.machine = machine;
    this.options = options;
    this.missing = new LinkedHashSet<>(machine.missing());
    this.parameters =
        KernelParameters.parse(
            machine.commandLine(),
            machine.config(),
            options.rules().parameters(),
            options.rules().swiotlb());
    this.swiotlb =
        SwiotlbPolicy.decide(
            parameters,
            machine.memory(),
            machine.processor().memoryEncryption(),
            options.rules().swiotlb());
    this.services =
        ServiceSetup.of(
            machine,
            options,
            new PoolSetup(machine, swiotlb, parameters.swiotlbSlots()),
            this::logAtRunTime);
    options.vendors().forEach(vendor -> drivers.add(vendor.driver(this)));
    machine.pci().devices().forEach(device -> states.put(device, new DeviceState(device)));
  }

  LinuxSystem run() {
    BootOutcome outcome;
    try {
      outcome = boot();
    } catch (KernelStopped stopped) {
      states.values().forEach(DeviceState::neverProbed);
      outcome = BootOutcome.off(asked().type(), sourceOf(asked()), false);
    }
    Map<PciDevice, Device> byFunction = new LinkedHashMap<>();
    states.forEach((pci, state) -> byFunction.put(pci, state.device()));
    LiveSystem system =
        new LiveSystem(services, enabled, groups, byFunction, options.tracepoints());
    live.set(system);
    return new LinuxSystem(report(outcome), devices(), system);
  }

  private DefaultDomainPolicy.DefaultDomain asked() {
    return DefaultDomainPolicy.decide(
        parameters,
        machine.config(),
        machine.processor().memoryEncryption(),
        options.rules().defaultDomain());
  }

  private static String sourceOf(DefaultDomainPolicy.DefaultDomain asked) {
    return asked.setOnCommandLine() ? "kernel command line" : "kernel configuration";
  }

  private BootOutcome boot() {
    parameters.logLines().forEach(this::log);
    drivers.forEach(IommuDriver::setUp);
    Map<IommuDriver, Detection> detections = detect();
    prepareInterruptRemapping(detections.keySet());
    DefaultDomainPolicy.DefaultDomain asked = asked();
    asked.log().forEach(this::log);
    decide(asked.decision());
    limitBelowBridges();
    BootOutcome outcome = initialize(detections, asked);
    if (swiotlb.announced()) {
      log("PCI-DMA: Using software bounce buffering for IO (SWIOTLB)");
    }
    return outcome;
  }

  // drivers/pci/quirks.c:pci_apply_final_quirks
  private void limitBelowBridges() {
    boolean allowed = parameters.viaDacQuirkDisabled();
    for (PciDevice bridge : DacPolicy.bridges(machine.pci(), allowed)) {
      log("pci " + bridge + ": disabling DAC on VIA PCI bridge");
      for (PciDevice device : DacPolicy.below(bridge)) {
        DeviceState state = Objects.requireNonNull(states.get(device));
        state.device().setBusDmaLimit(DacPolicy.LIMIT);
        state.decide(DacPolicy.decision(bridge));
      }
    }
  }

  // drivers/iommu/irq_remapping.c:irq_remapping_prepare: the first that can do it does it. If none
  // can, the reason is that of a driver whose hardware is there.
  private void prepareInterruptRemapping(Set<IommuDriver> present) {
    boolean told = false;
    for (IommuDriver driver : drivers) {
      Interrupts prepared = driver.prepareInterruptRemapping();
      boolean better = prepared.remapped() || !told || present.contains(driver);
      if (!interrupts.remapped() && better) {
        interrupts = prepared;
        told = true;
      }
    }
    decide(interrupts.decision());
  }

  private void logAtRunTime(String line) {
    LiveSystem system = live.get();
    if (system != null) {
      system.log(line);
    }
  }

  private GroupPolicy groupPolicy(boolean acsRequested) {
    AcsSettings settings =
        new AcsSettings(
            acsRequested,
            acsRequestedWhenRead(acsRequested),
            parameters.disableAcsRedir().orElse(null),
            machine.firmwareTable("IVRS").isPresent());
    return GroupPolicy.of(machine.pci(), settings, options.rules().quirks());
  }

  // Configuration space shows what the kernel left that it was read under.
  private boolean acsRequestedWhenRead(boolean acsRequested) {
    CommandLine recorded = machine.recordedCommandLine();
    if (recorded.text().equals(machine.commandLine().text())) {
      return acsRequested;
    }
    LinuxBoot then = new LinuxBoot(machine.withCommandLine(recorded), options);
    return then.detect().values().stream().anyMatch(Detection::acsRequested);
  }

  // arch/x86/kernel/pci-dma.c:pci_iommu_alloc: a pool that was asked for ends the search.
  private Map<IommuDriver, Detection> detect() {
    decide(swiotlb.decision());
    Map<IommuDriver, Detection> detections = new LinkedHashMap<>();
    if (swiotlb.skipsHardware()) {
      offBecause = firstFact(swiotlb.decision());
      return detections;
    }
    for (IommuDriver driver : drivers) {
      Detection detection = driver.detect();
      decide(detection.decision());
      if (detection.present()) {
        detections.put(driver, detection);
      } else if (driver == drivers.get(0)) {
        offBecause = firstFact(detection.decision());
      }
    }
    return detections;
  }

  private BootOutcome initialize(
      Map<IommuDriver, Detection> detections, DefaultDomainPolicy.DefaultDomain asked) {
    boolean acsRequested = detections.values().stream().anyMatch(Detection::acsRequested);
    String source = sourceOf(asked);
    for (IommuDriver driver : detections.keySet()) {
      Initialization done = driver.initialize(asked.type());
      decide(done.decision());
      DefaultDomain global =
          new DefaultDomain(
              done.defaultType(),
              done.defaultSource().orElse(source),
              options.rules().domainTypes());
      offBecause = firstFact(done.decision());
      if (done.status() == Initialization.Status.ENABLED) {
        GroupPolicy groupPolicy = groupPolicy(acsRequested);
        BusProbe probe = new BusProbe(driver, groupPolicy, global, states, this::log);
        groups = probe.run();
        enabled = driver;
        driver.started();
        return new BootOutcome(
            true,
            global.globalType(),
            global.globalSource(),
            driver.isStrict(),
            BootReportBuilder.groups(groups, driver));
      }
    }
    boolean strict = drivers.stream().anyMatch(IommuDriver::isStrict);
    states.values().forEach(state -> state.summarize("no IOMMU: " + offBecause));
    return BootOutcome.off(asked.type(), source, strict);
  }

  private static String firstFact(Decision decision) {
    return decision.because().isEmpty() ? decision.outcome() : decision.because().get(0);
  }

  private BootReport report(BootOutcome outcome) {
    IommuState iommu =
        new IommuState(
            outcome.enabled(), outcome.defaultType(), outcome.defaultSource(), outcome.strict());
    return new BootReport(
        machine.name(),
        options.rules(),
        machine.commandLine().text(),
        iommu,
        interrupts,
        new SwiotlbState(swiotlb.active(), swiotlb.bytes()),
        BootReportBuilder.devices(states.values(), enabled),
        outcome.groups(),
        ImmutableList.copyOf(log),
        ImmutableList.copyOf(decisions),
        ImmutableList.copyOf(missing));
  }

  private ImmutableMap<PciAddress, Device> devices() {
    return states.values().stream()
        .collect(ImmutableMap.toImmutableMap(state -> state.pci().address(), DeviceState::device));
  }

  @Override
  public KernelRules rules() {
    return options.rules();
  }

  @Override
  public Machine machine() {
    return machine;
  }

  @Override
  public KernelParameters parameters() {
    return parameters;
  }

  @Override
  public void log(String line) {
    if (OURS.stream().anyMatch(line::startsWith)) {
      log.add(line);
    }
  }

  @Override
  public void decide(Decision decision) {
    decisions.add(decision);
  }

  @Override
  public void missing(MissingFact fact) {
    missing.add(fact);
  }

  @Override
  public SystemServices services() {
    return services;
  }

  @Override
  public KernelStopped stop(Decision decision) {
    decide(decision);
    throw new KernelStopped(decision);
  }
}
