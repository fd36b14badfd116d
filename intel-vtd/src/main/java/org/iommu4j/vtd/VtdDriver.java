package org.iommu4j.vtd;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.OptionalInt;
import org.iommu4j.dma.PhysicalMemory;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.Coverage;
import org.iommu4j.iommu.spi.Detection;
import org.iommu4j.iommu.spi.DomainDemand;
import org.iommu4j.iommu.spi.Initialization;
import org.iommu4j.iommu.spi.Initialization.Status;
import org.iommu4j.iommu.spi.Interrupts;
import org.iommu4j.iommu.spi.OpsChoice;
import org.iommu4j.machine.KernelConfig;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.pci.PciDevice;
import org.iommu4j.vtd.dma.DmaDomains;
import org.iommu4j.vtd.dma.IntelDmaOps;
import org.iommu4j.vtd.driver.IntelIommu;
import org.iommu4j.vtd.policy.Fate;
import org.iommu4j.vtd.policy.Forcing;
import org.iommu4j.vtd.policy.IntelParameters;
import org.iommu4j.vtd.policy.InterruptErratum;
import org.iommu4j.vtd.policy.InterruptRemapping;
import org.iommu4j.vtd.policy.OpsPolicy;
import org.iommu4j.vtd.policy.ParseOptions;
import org.iommu4j.vtd.policy.ParseResult;
import org.iommu4j.vtd.policy.RemappingUnit;
import org.iommu4j.vtd.policy.ResolvedScopes;
import org.iommu4j.vtd.policy.ScopeResolution;
import org.iommu4j.vtd.policy.TableDetection;
import org.iommu4j.vtd.policy.TableFacts;
import org.iommu4j.vtd.policy.TableParse;
import org.iommu4j.vtd.release.VtdRules;
import org.jspecify.annotations.Nullable;

/**
 * The Intel driver during one boot: calls the policies in the kernel's order and keeps what they
 * answered. Not thread-safe; what comes after the boot is {@link VtdRuntime}'s.
 */
final class VtdDriver extends VtdRuntime {
  private static final Rule DETECTION = new Rule("detection");
  private static final Rule TABLE = new Rule("dmar-table");
  private static final String WALK = "drivers/iommu/intel/dmar.c:dmar_walk_remapping_entries";
  private static final String DETECT = "drivers/iommu/intel/dmar.c:detect_intel_iommu";
  private static final String INIT = "drivers/iommu/intel/iommu.c:intel_iommu_init";

  private final BootContext context;
  private final VtdRules rules;
  private final IntelParameters parameters;
  private final TableFacts facts;
  private ParseOptions parseOptions;
  private @Nullable ParseResult parsed;
  private @Nullable UsedUnits units;
  private @Nullable OpsPolicy opsPolicy;
  private boolean strict;
  private boolean interruptsRemapped;

  VtdDriver(BootContext context) {
    this.context = context;
    this.rules = VtdRules.of(context.rules());
    this.parameters =
        IntelParameters.parse(
            context.machine().commandLine(), context.machine().config(), rules.policy().words());
    this.facts = TableFacts.of(context.machine());
    this.parseOptions = ParseOptions.DEFAULT.withScalableMode(parameters.scalableMode());
    this.strict = parameters.strict();
  }

  @Override
  public void setUp() {
    parameters.logLines().forEach(context::log);
  }

  @Override
  public Detection detect() {
    if (!parameters.driverBuilt()) {
      return absent("no driver (CONFIG_INTEL_IOMMU)");
    }
    TableDetection.Result result = TableDetection.detect(facts);
    result.log().forEach(context::log);
    parseOptions = parseOptions.after(result);
    if (!result.detected()) {
      return absent(facts.table().isEmpty() ? "no DMAR table" : "the DMAR table has a bad unit");
    }
    boolean wanted = !parameters.dmarDisabled() || platformOptIn();
    boolean acs = wanted && !context.parameters().noIommu();
    String because = acs ? "ACS is asked for" : "off so far: ACS is not asked for";
    return new Detection(true, acs, Decision.of(DETECTION, "VT-d found", DETECT, because));
  }

  private static Detection absent(String because) {
    return new Detection(false, false, Decision.of(DETECTION, "no VT-d", DETECT, because));
  }

  private boolean platformOptIn() {
    return facts.table().isPresent() && facts.table().get().header().platformOptIn();
  }

  @Override
  public Interrupts prepareInterruptRemapping() {
    InterruptRemapping.Options options =
        new InterruptRemapping.Options(
            context.parameters().interruptRemappingDisabled(),
            context.parameters().ioapicSkipped(),
            InterruptErratum.brokenBecause(context.machine().pci()) != null,
            context.parameters().x2apicOptOutIgnored(),
            context.machine().processor().x2apic());
    InterruptRemapping.Result result = InterruptRemapping.decide(this::parse, options);
    interruptsRemapped = result.enabled();
    return new Interrupts(result.enabled(), result.decision());
  }

  // drivers/iommu/intel/dmar.c:dmar_table_init remembers what the first call found.
  private ParseResult parse() {
    ParseResult result = parsed;
    if (result == null) {
      result = TableParse.parse(facts, parseOptions);
      result.log().forEach(context::log);
      result.missing().forEach(context::missing);
      parsed = result;
      stopUnlessItReturns(result.fate());
    }
    return result;
  }

  private void stopUnlessItReturns(Fate fate) {
    if (fate != Fate.RETURNS) {
      String outcome =
          fate == Fate.LOOPS_FOREVER ? "the kernel hangs" : "the kernel stops at an assertion";
      throw context.stop(Decision.of(TABLE, outcome, WALK, "the DMAR table is malformed"));
    }
  }

  @Override
  public Initialization initialize(DomainType defaultType) {
    Forcing forcing =
        Forcing.decide(
            context.machine(), parameters, platformOptIn(), context.parameters().noIommu());
    forcing.log().forEach(context::log);
    DomainType type = forcing.defaultPassthrough() ? DomainType.IDENTITY : defaultType;
    ParseResult table = parse();
    if (!table.ok()) {
      return failed(forcing, type, "the DMAR table is not usable");
    }
    ResolvedScopes scopes = ScopeResolution.resolve(table, context.machine().pci());
    scopes.log().forEach(context::log);
    scopes.missing().forEach(context::missing);
    stopUnlessItReturns(scopes.fate());
    if (!scopes.ok()) {
      return failed(forcing, type, "a device scope of the DMAR table is wrong");
    }
    if (!forcing.enabled()) {
      return new Initialization(Status.DISABLED, defaultType, Optional.empty(), forcing.decision());
    }
    UsedUnits used = UsedUnits.bringUp(context, rules.policy(), scopes, parameters, strict);
    units = used;
    strict = used.strict();
    Optional<String> source =
        forcing.defaultPassthrough() ? Optional.of("platform opt-in") : Optional.empty();
    return new Initialization(Status.ENABLED, type, source, forcing.decision());
  }

  private Initialization failed(Forcing forcing, DomainType type, String because) {
    if (forcing.forceOn()) {
      throw context.stop(
          Decision.of(Forcing.RULE, "the kernel panics: translation is forced", INIT, because));
    }
    return new Initialization(
        Status.DISABLED, type, Optional.empty(), Decision.of(Forcing.RULE, "off", INIT, because));
  }

  @Override
  public void started() {
    context.log("DMAR: Intel(R) Virtualization Technology for Directed I/O");
  }

  @Override
  public Coverage probeDevice(PciDevice device) {
    return units().coverageOf(device);
  }

  @Override
  public DomainDemand domainDemand(PciDevice device) {
    return units().graphics().identityMapping().demandOf(device, context.rules().domainTypes());
  }

  @Override
  public ImmutableList<ReservedRegion> reservedRegions(PciDevice device) {
    KernelConfig config = context.machine().config();
    boolean floppy = config.isEnabled("CONFIG_INTEL_IOMMU_FLOPPY_WA");
    return units().lookup().reservedRegions(device, floppy);
  }

  @Override
  public OptionalInt addressBits(PciDevice device) {
    return units().lookup().unitOf(device).stream()
        .filter(found -> !found.unit().registers().assumed())
        .mapToInt(found -> found.unit().addressBits())
        .findFirst();
  }

  // drivers/iommu/intel/iommu.c:prepare_domain_attach_device.
  @Override
  public boolean attach(PciDevice device, long mappedEnd) {
    return units()
        .lookup()
        .unitOf(device)
        .filter(found -> Long.compareUnsigned(mappedEnd, 1L << found.unit().addressBits()) <= 0)
        .isPresent();
  }

  @Override
  public OpsChoice probeFinalize(PciDevice device, @Nullable DomainType domainType) {
    return opsPolicy().choose(device, domainType);
  }

  private OpsPolicy opsPolicy() {
    OpsPolicy policy = opsPolicy;
    if (policy == null) {
      IntelDmaOps remapping = new IntelDmaOps(context.services());
      policy = new OpsPolicy(remapping, remapping.bouncing(), parameters.noBounce());
      opsPolicy = policy;
    }
    return policy;
  }

  @Override
  public boolean isStrict() {
    return strict;
  }

  @Override
  IntelIommu programmed() {
    refuseScalableMode();
    int hostAddressBits =
        facts
            .table()
            .map(table -> table.header().hostAddressWidth())
            .orElse(PhysicalMemory.ADDRESS_BITS);
    return program(
        context,
        rules.driver(),
        units().scopes(),
        units().lookup(),
        hostAddressBits,
        new DmaDomains.Settings(rules.dma(), strict, parameters.forceDac()),
        parameters.superpages(),
        units().bringUp().hardwarePassThrough(),
        units().graphics().writeBufferFlush());
  }

  // include/linux/intel-iommu.h:sm_supported. The modelled hardware has legacy mode alone, which
  // translates and faults otherwise: no answer is better than that one.
  private void refuseScalableMode() {
    Optional<RemappingUnit> unit = units().withScalableMode();
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

  @Override
  boolean interruptsRemapped() {
    return interruptsRemapped;
  }

  private UsedUnits units() {
    UsedUnits used = units;
    if (used == null) {
      throw new IllegalStateException("the units are not up: initialize() comes first");
    }
    return used;
  }
}
