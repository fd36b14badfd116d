package org.iommu4j.vtd;

import java.util.List;
import java.util.Optional;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.decision.Rule;
import org.iommu4j.iommu.domain.DomainType;
import org.iommu4j.iommu.policy.params.KernelParameters;
import org.iommu4j.iommu.spi.BootContext;
import org.iommu4j.iommu.spi.Detection;
import org.iommu4j.iommu.spi.Initialization;
import org.iommu4j.iommu.spi.Interrupts;
import org.iommu4j.iommu.spi.IommuBoot;
import org.iommu4j.iommu.spi.Off;
import org.iommu4j.machine.CommandLine;
import org.iommu4j.machine.pci.quirks.TrustRule;
import org.iommu4j.vtd.policy.AbilityAudit;
import org.iommu4j.vtd.policy.CallOutcome;
import org.iommu4j.vtd.policy.GraphicsPolicy;
import org.iommu4j.vtd.policy.IntelParameters;
import org.iommu4j.vtd.policy.InterruptErratum;
import org.iommu4j.vtd.policy.InterruptRemapping;
import org.iommu4j.vtd.policy.OffReason;
import org.iommu4j.vtd.policy.ParseOptions;
import org.iommu4j.vtd.policy.ParseResult;
import org.iommu4j.vtd.policy.PolicyRules.Trait;
import org.iommu4j.vtd.policy.RemappingUnit;
import org.iommu4j.vtd.policy.ResolvedScopes;
import org.iommu4j.vtd.policy.ScopeResolution;
import org.iommu4j.vtd.policy.TableDetection;
import org.iommu4j.vtd.policy.TableFacts;
import org.iommu4j.vtd.policy.TableParse;
import org.iommu4j.vtd.policy.TranslationSwitch;
import org.iommu4j.vtd.release.VtdRules;
import org.jspecify.annotations.Nullable;

/**
 * The Intel driver up to the units: looks for the table, reads it and brings its units up, and
 * keeps what was read. Not thread-safe.
 */
final class VtdBoot implements IommuBoot {
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
  private boolean interruptsRemapped;

  private VtdBoot(BootContext context) {
    this.context = context;
    this.rules = VtdRules.of(context.rules());
    this.parameters =
        IntelParameters.parse(
            context.machine().commandLine(), context.machine().config(), rules.policy());
    this.facts = TableFacts.of(context.machine());
    this.parseOptions =
        ParseOptions.DEFAULT.in(rules.policy()).withScalableMode(parameters.scalableMode());
  }

  static VtdBoot begin(BootContext context) {
    VtdBoot boot = new VtdBoot(context);
    boot.parameters.logLines().forEach(context::log);
    return boot;
  }

  @Override
  public Detection detect() {
    if (!parameters.driverBuilt()) {
      return absent(OffReason.NO_DRIVER);
    }
    TableDetection.Result result = TableDetection.detect(facts);
    result.log().forEach(context::log);
    parseOptions = parseOptions.after(result);
    if (!result.detected()) {
      return absent(facts.table().isEmpty() ? OffReason.NO_TABLE : OffReason.BAD_UNIT);
    }
    boolean acs = asksForAcs(parameters, context.parameters());
    String because = acs ? "ACS is asked for" : "off so far: ACS is not asked for";
    return new Detection.Found(Decision.of(DETECTION, "VT-d found", DETECT, because));
  }

  private static Off absent(OffReason why) {
    return new Off(why, Decision.of(DETECTION, "no VT-d", DETECT, why.words()));
  }

  @Override
  public boolean asksForAcs(CommandLine line, KernelParameters generic) {
    IntelParameters then = IntelParameters.parse(line, context.machine().config(), rules.policy());
    return then.driverBuilt()
        && TableDetection.detect(facts).detected()
        && asksForAcs(then, generic);
  }

  private boolean asksForAcs(IntelParameters own, KernelParameters generic) {
    boolean measured =
        rules.policy().does(Trait.MEASURED_LAUNCH_NEEDS_TABLE)
            && !own.tbootNoForce()
            && TranslationSwitch.isMeasured(context.machine());
    return measured || isWanted(own, generic);
  }

  private boolean isWanted(IntelParameters own, KernelParameters generic) {
    return (!own.dmarDisabled() || platformOptIn()) && !generic.noIommu();
  }

  private boolean platformOptIn() {
    return facts.table().isPresent() && facts.table().get().header().platformOptIn();
  }

  @Override
  public Interrupts prepareInterrupts() {
    InterruptRemapping.Options options =
        new InterruptRemapping.Options(
            context.parameters().interruptRemappingDisabled(),
            context.parameters().ioapicSkipped(),
            InterruptErratum.brokenBecause(context.machine().pci()) != null,
            context.parameters().x2apicOptOutIgnored(),
            context.machine().processor().x2apic());
    InterruptRemapping.Result result = InterruptRemapping.decide(this::parseForInterrupts, options);
    interruptsRemapped = result.enabled();
    return new Interrupts(result.enabled(), result.decision());
  }

  // drivers/iommu/intel/irq_remapping.c:intel_prepare_irq_remapping looks at what units share.
  private ParseResult parseForInterrupts() {
    ParseResult result = parse();
    if (result.ok() && rules.policy().does(Trait.AUDITS_ABILITIES)) {
      List<RemappingUnit> active = result.units().stream().filter(unit -> !unit.ignored()).toList();
      AbilityAudit.ofInterrupts(active).log().forEach(context::log);
    }
    return result;
  }

  // drivers/iommu/intel/dmar.c:dmar_table_init remembers what the first call found.
  private ParseResult parse() {
    ParseResult result = parsed;
    if (result == null) {
      result = TableParse.parse(facts, parseOptions);
      result.log().forEach(context::log);
      result.missing().forEach(context::missing);
      parsed = result;
      stopUnlessItReturns(result.outcome());
    }
    return result;
  }

  private void stopUnlessItReturns(CallOutcome outcome) {
    if (outcome != CallOutcome.RETURNS) {
      String words =
          outcome == CallOutcome.LOOPS_FOREVER
              ? "the kernel hangs"
              : "the kernel stops at an assertion";
      throw context.stop(Decision.of(TABLE, words, WALK, "the DMAR table is malformed"));
    }
  }

  @Override
  public Initialization initialize(DomainType defaultType) {
    TranslationSwitch translation =
        TranslationSwitch.decide(
            context.machine(),
            parameters,
            platformOptIn(),
            context.parameters().noIommu(),
            rules.policy());
    translation.log().forEach(context::log);
    ParseResult table = parse();
    if (!table.ok()) {
      return failed(translation, OffReason.BAD_TABLE);
    }
    ResolvedScopes scopes = ScopeResolution.resolve(table, context.machine().pci(), rules.policy());
    scopes.log().forEach(context::log);
    scopes.missing().forEach(context::missing);
    stopUnlessItReturns(scopes.outcome());
    if (!scopes.ok()) {
      return failed(translation, OffReason.BAD_SCOPE);
    }
    OffReason off = translation.off();
    return off == null
        ? enabled(translation, scopes, defaultType)
        : new Off(off, translation.decision());
  }

  private Off failed(TranslationSwitch translation, OffReason why) {
    if (translation.forceOn()) {
      throw context.stop(
          Decision.of(
              TranslationSwitch.RULE,
              "the kernel panics: translation is forced",
              INIT,
              why.words()));
    }
    return new Off(why, Decision.of(TranslationSwitch.RULE, "off", INIT, why.words()));
  }

  private Initialization enabled(
      TranslationSwitch translation, ResolvedScopes scopes, DomainType defaultType) {
    UsedUnits units = UsedUnits.bringUp(context, rules.policy(), scopes, parameters);
    if (units.bringUp().failed()) {
      return initializationFailed(translation);
    }
    VtdProbe probe = new VtdProbe(context, rules, parameters, units, interruptsRemapped);
    return translation.defaultPassthrough()
        ? new Initialization.Enabled(
            probe, DomainType.IDENTITY, Optional.of("platform opt-in"), translation.decision())
        : new Initialization.Enabled(probe, defaultType, Optional.empty(), translation.decision());
  }

  private Off initializationFailed(TranslationSwitch translation) {
    Off off = failed(translation, OffReason.NO_COMMON_STAGE);
    context.log("DMAR: Initialization failed");
    return off;
  }

  @Override
  public boolean isStrict() {
    return parameters.strict() || (tellsStrictnessEarly() && chipsetIsStrict());
  }

  private boolean tellsStrictnessEarly() {
    return context.rules().defaultDomain().typesTellStrictness();
  }

  private boolean chipsetIsStrict() {
    TrustRule trust = context.rules().quirks().trust();
    return parameters.driverBuilt()
        && GraphicsPolicy.of(context.machine().pci(), parameters, rules.policy(), trust).strict();
  }
}
