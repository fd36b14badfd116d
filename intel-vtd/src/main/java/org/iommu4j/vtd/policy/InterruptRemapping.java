package org.iommu4j.vtd.policy;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.Immutable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.iommu4j.iommu.decision.Decision;
import org.iommu4j.iommu.spi.Interrupts;
import org.iommu4j.vtd.dmar.DmarHeader;
import org.iommu4j.vtd.dmar.DmarTable;
import org.iommu4j.vtd.dmar.ScopeType;
import org.jspecify.annotations.Nullable;

/**
 * Whether the kernel remaps interrupts, which it decides long before DMA remapping.
 *
 * <p>The ids of the machine's IOAPICs are no fact that is at hand: a machine is taken to have at
 * least one, and a table that names any is taken to name all.
 *
 * <p>Source: {@code drivers/iommu/intel/irq_remapping.c:intel_prepare_irq_remapping}, {@code
 * parse_ioapics_under_ir}; {@code drivers/iommu/irq_remapping.c:irq_remapping_prepare}; {@code
 * arch/x86/kernel/apic/apic.c:enable_IR_x2apic}.
 */
public final class InterruptRemapping {
  private static final int MAX_IOAPICS = 128;
  private static final int MAX_HPETS = 8;
  private static final String PREPARE =
      "drivers/iommu/intel/irq_remapping.c:intel_prepare_irq_remapping";

  private InterruptRemapping() {}

  /**
   * What the command line and the processor have to say.
   *
   * @param off whether it is turned off: {@code nointremap} or {@code intremap=off}
   * @param noIoapic whether IOAPICs are not set up: {@code noapic} and the like
   * @param broken whether the chipset is one on which it does not work
   * @param ignoreX2apicOptOut whether {@code intremap=no_x2apic_optout} is there
   * @param x2apic whether the processor has x2APIC and may use it
   */
  @Immutable
  public record Options(
      boolean off, boolean noIoapic, boolean broken, boolean ignoreX2apicOptOut, boolean x2apic) {
    /** Nothing turned off, on a processor with x2APIC. */
    public static final Options DEFAULT = new Options(false, false, false, false, true);

    /**
     * Returns whether the table is read on the way, and so before DMA remapping would read it: its
     * lines come early in the log, whether DMA remapping is asked for or not.
     */
    public boolean readsTable() {
      return !off && !noIoapic && !broken;
    }
  }

  /** In which form interrupts are remapped. */
  public enum Mode {
    /** They are not. */
    OFF,
    /** Targets have 8 bits. */
    XAPIC,
    /** Targets have 32 bits. */
    X2APIC
  }

  /**
   * The decision.
   *
   * @param mode in which form interrupts are remapped
   * @param decision why
   */
  public record Result(Mode mode, Decision decision) {
    /** Returns whether interrupts are remapped. */
    public boolean enabled() {
      return mode != Mode.OFF;
    }
  }

  /** Decides from the table, which is read only if the options let it be read. */
  public static Result decide(Supplier<ParseResult> table, Options options) {
    if (options.noIoapic()) {
      return off("arch/x86/kernel/apic/apic.c:enable_IR_x2apic", "IOAPICs are not set up");
    }
    if (options.off()) {
      return off("drivers/iommu/irq_remapping.c:irq_remapping_prepare", "the command line");
    }
    if (options.broken()) {
      return off(PREPARE, "a chipset on which it does not work");
    }
    ParseResult parse = table.get();
    if (parse.table().isEmpty()) {
      return off(PREPARE, "there is no DMAR table");
    }
    if (!parse.ok()) {
      return off(PREPARE, "the DMAR table cannot be used: errno " + parse.errno());
    }
    DmarTable parsed = parse.table().get();
    if (!parsed.header().interruptRemapping()) {
      return off(PREPARE, "the DMAR table has no INTR_REMAP flag");
    }
    return decideByUnits(parsed, parse.units(), options);
  }

  private static Result decideByUnits(
      DmarTable table, ImmutableList<RemappingUnit> units, Options options) {
    String scopes = checkScopes(table, units);
    if (scopes != null) {
      return off("drivers/iommu/intel/irq_remapping.c:parse_ioapics_under_ir", scopes);
    }
    for (RemappingUnit unit : units) {
      if (!unit.capabilities().interruptRemapping()) {
        return off(PREPARE, unit.name() + " lacks ECAP.IR");
      }
    }
    for (RemappingUnit unit : units) {
      if (!unit.capabilities().queuedInvalidation()) {
        String setup = "drivers/iommu/intel/irq_remapping.c:intel_setup_irq_remapping";
        return off(setup, unit.name() + " lacks ECAP.QI");
      }
    }
    List<String> because = new ArrayList<>();
    Mode mode = mode(table.header(), units, options, because);
    String outcome = "interrupts are remapped in " + (mode == Mode.XAPIC ? "xapic" : "x2apic");
    return new Result(
        mode,
        new Decision(Interrupts.RULE, outcome + " mode", ImmutableList.copyOf(because), PREPARE));
  }

  private static Mode mode(
      DmarHeader header, List<RemappingUnit> units, Options options, List<String> because) {
    if (!options.x2apic()) {
      because.add("the processor has no x2APIC");
      return Mode.XAPIC;
    }
    if (header.x2apicOptOut() && !options.ignoreX2apicOptOut()) {
      because.add("the DMAR table has X2APIC_OPT_OUT");
      return Mode.XAPIC;
    }
    for (RemappingUnit unit : units) {
      if (!unit.capabilities().extendedInterruptMode()) {
        because.add(unit.name() + " lacks ECAP.EIM");
        return Mode.XAPIC;
      }
    }
    because.add("all units have ECAP.EIM");
    return Mode.X2APIC;
  }

  /** Returns what is wrong with the scopes of interrupt sources, or null. */
  private static @Nullable String checkScopes(DmarTable table, List<RemappingUnit> units) {
    Set<Long> ioapics = new HashSet<>();
    Set<Long> hpets = new HashSet<>();
    boolean supported = false;
    for (RemappingUnit unit : units) {
      if (!unit.capabilities().interruptRemapping()) {
        continue;
      }
      supported = true;
      for (KernelScopes.Scope scope : KernelScopes.walk(table, unit.scopes()).scopes()) {
        long key = (long) unit.sequenceId() << 8 | scope.enumerationId();
        if (scope.type() == ScopeType.IOAPIC.code()) {
          ioapics.add(key);
        } else if (scope.type() == ScopeType.HPET.code()) {
          hpets.add(key);
        }
      }
    }
    if (!supported) {
      return "no unit has ECAP.IR";
    }
    if (ioapics.size() > MAX_IOAPICS || hpets.size() > MAX_HPETS) {
      return "the units have more than 128 IOAPICs or 8 timers in their scopes";
    }
    return ioapics.isEmpty() ? "no unit has an IOAPIC in its scopes" : null;
  }

  private static Result off(String source, String because) {
    return new Result(Mode.OFF, Interrupts.notRemapped(source, because).decision());
  }
}
