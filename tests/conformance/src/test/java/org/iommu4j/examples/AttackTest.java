package org.iommu4j.examples;

import static org.iommu4j.testkit.KitMachine.DEVICE;
import static org.iommu4j.testkit.KitMachine.DOCKED;
import static org.iommu4j.vtd.kit.IntelFixture.LAZY_QUEUE;
import static org.iommu4j.vtd.kit.IntelFixture.STRICT_QUEUE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.attack.Attack;
import org.iommu4j.testkit.attack.Attack.Moment;
import org.iommu4j.testkit.attack.SweepResult;
import org.junit.jupiter.api.Test;

/** What a device that attacks gets under each kind of DMA operations. */
final class AttackTest {
  private static final Pattern SHOWN = Pattern.compile("(?s)```\n(ops .*?)```");

  /** Pages of RAM, all of which lie in the attacker's reach without an IOMMU. */
  private static final int RAM_PAGES = (31 << 8) - 16 + (8 << 8);

  /** The page's words but for the 188 that the buffer touches. */
  private static final int AROUND = 512 - 188;

  private static List<Moment> nullOps() {
    return Attack.on(Rig.bootDirect(""));
  }

  private static List<Moment> lazy() {
    return Attack.on(Rig.bootDocked(LAZY_QUEUE, DEVICE));
  }

  private static List<Moment> strict() {
    return Attack.on(Rig.bootDocked(STRICT_QUEUE, DEVICE));
  }

  private static List<Moment> bounce() {
    return Attack.on(Rig.bootDocked(LAZY_QUEUE, DOCKED));
  }

  private static Moment moment(String when, int pages, int pointers) {
    return new Moment(when, new SweepResult(pages, pages, pointers, pointers), pointers);
  }

  @Test
  void withoutAnIommuAllMemoryIsOpenAtAllTimes() {
    assertEquals(
        List.of(
            moment("mapped", RAM_PAGES, AROUND),
            moment("unmapped", RAM_PAGES, 512),
            moment("flushed", RAM_PAGES, 512)),
        nullOps());
  }

  @Test
  void lazyUnmappingLeavesThePageOpenUntilTheFlush() {
    assertEquals(
        List.of(moment("mapped", 1, AROUND), moment("unmapped", 1, 512), moment("flushed", 0, 0)),
        lazy());
  }

  @Test
  void strictUnmappingClosesThePageButItsNeighboursWereOpen() {
    assertEquals(
        List.of(moment("mapped", 1, AROUND), moment("unmapped", 0, 0), moment("flushed", 0, 0)),
        strict());
  }

  @Test
  void bouncingKeepsTheNeighboursOutOfReach() {
    assertEquals(
        List.of(moment("mapped", 1, 0), moment("unmapped", 0, 0), moment("flushed", 0, 0)),
        bounce());
  }

  @Test
  void thePageShowsWhatHappens() throws IOException {
    List<String> lines = new ArrayList<>();
    // doc: attack
    lines.add(Attack.heading());
    Attack.on(Rig.bootDirect("")).forEach(moment -> lines.add(moment.line("null")));
    Attack.on(Rig.bootDocked(LAZY_QUEUE, DEVICE)).forEach(moment -> lines.add(moment.line("lazy")));
    Attack.on(Rig.bootDocked(STRICT_QUEUE, DEVICE))
        .forEach(moment -> lines.add(moment.line("strict")));
    Attack.on(Rig.bootDocked(LAZY_QUEUE, DOCKED))
        .forEach(moment -> lines.add(moment.line("bounce")));
    // doc: end
    Matcher shown =
        SHOWN.matcher(Files.readString(DriversDocTest.top().resolve("docs/attacker.md")));
    assertTrue(shown.find());
    assertEquals(ImmutableList.copyOf(shown.group(1).lines().toList()), lines);
  }
}
