package org.iommu4j.vtd.policy;

import static org.iommu4j.vtd.policy.TestFacts.BASE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.iommu4j.vtd.dmar.DeviceScope;
import org.iommu4j.vtd.dmar.DeviceScope.Hop;
import org.iommu4j.vtd.dmar.DmarBuilder;
import org.iommu4j.vtd.dmar.DmarStructure.Drhd;
import org.iommu4j.vtd.dmar.ScopeType;
import org.iommu4j.vtd.policy.InterruptRemapping.Mode;
import org.iommu4j.vtd.policy.InterruptRemapping.Options;
import org.junit.jupiter.api.Test;

class InterruptRemappingTest {
  private static final DeviceScope IOAPIC =
      DeviceScope.of(ScopeType.IOAPIC, 2, 0xf0, new Hop(0x1f, 0));
  private static final long IR = 1 << 3;
  private static final long EIM = 1 << 4;
  private static final long QI = 1 << 1;

  private static InterruptRemapping.Result decide(
      int flags, long ecap, Options options, DeviceScope... scopes) {
    DmarBuilder table = new DmarBuilder().flags(flags).add(Drhd.includeAll(BASE, scopes));
    TestFacts facts = new TestFacts().unit(BASE, TestFacts.CAP, ecap);
    return InterruptRemapping.decide(
        () -> TableParse.parse(facts.with(table.toTable()), ParseOptions.DEFAULT), options);
  }

  private static Mode mode(int flags, long ecap, Options options) {
    return decide(flags, ecap, options, IOAPIC).mode();
  }

  @Test
  void all_that_it_takes_gives_x2apic_mode() {
    assertEquals(Mode.X2APIC, mode(1, IR | EIM | QI, Options.DEFAULT));
  }

  @Test
  void each_thing_that_lacks_turns_it_off() {
    assertEquals(Mode.OFF, mode(0, IR | EIM | QI, Options.DEFAULT));
    assertEquals(Mode.OFF, mode(1, EIM | QI, Options.DEFAULT));
    assertEquals(Mode.OFF, mode(1, IR | EIM, Options.DEFAULT));
    assertEquals(Mode.OFF, decide(1, IR | EIM | QI, Options.DEFAULT).mode());
    assertFalse(decide(1, IR | EIM | QI, Options.DEFAULT).enabled());
  }

  @Test
  void options_turn_it_off_without_a_look_at_the_table() {
    Options off = new Options(true, false, false, false, true);
    Options noIoapic = new Options(false, true, false, false, true);
    Options broken = new Options(false, false, true, false, true);
    for (Options options : new Options[] {off, noIoapic, broken}) {
      assertFalse(options.readsTable());
      assertEquals(Mode.OFF, mode(1, IR | EIM | QI, options));
    }
    assertTrue(Options.DEFAULT.readsTable());
  }

  @Test
  void firmware_may_opt_out_of_x2apic_and_the_command_line_out_of_that() {
    assertEquals(Mode.XAPIC, mode(3, IR | EIM | QI, Options.DEFAULT));
    assertEquals(Mode.X2APIC, mode(3, IR | EIM | QI, new Options(false, false, false, true, true)));
  }

  @Test
  void a_processor_or_a_unit_without_it_leaves_xapic_mode() {
    assertEquals(Mode.XAPIC, mode(1, IR | QI, Options.DEFAULT));
    assertEquals(
        Mode.XAPIC, mode(1, IR | EIM | QI, new Options(false, false, false, false, false)));
  }

  @Test
  void more_than_eight_timers_are_too_many_but_one_id_counts_once() {
    DeviceScope[] same = new DeviceScope[9];
    DeviceScope[] other = new DeviceScope[10];
    for (int i = 0; i < 9; i++) {
      same[i] = i == 0 ? IOAPIC : DeviceScope.of(ScopeType.HPET, 0, 0xf0, new Hop(0xf, i % 8));
      other[i] = DeviceScope.of(ScopeType.HPET, i, 0xf0, new Hop(0xf, 0));
    }
    other[9] = IOAPIC;
    assertTrue(decide(1, IR | EIM | QI, Options.DEFAULT, same).enabled());
    assertFalse(decide(1, IR | EIM | QI, Options.DEFAULT, other).enabled());
  }

  @Test
  void a_table_that_failed_is_not_used() {
    ParseResult failed = TestFacts.parse(Drhd.includeAll(0));
    assertEquals(Mode.OFF, InterruptRemapping.decide(() -> failed, Options.DEFAULT).mode());
  }
}
