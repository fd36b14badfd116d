package org.iommu4j.testkit.attack;

import static org.iommu4j.base.Pages.PAGE_BYTES;

import com.google.common.collect.ImmutableList;
import java.util.Locale;
import org.iommu4j.dma.DmaAttributes;
import org.iommu4j.dma.DmaDirection;
import org.iommu4j.dma.DmaMapping;
import org.iommu4j.dma.PhysRange;
import org.iommu4j.testkit.Rig;

/**
 * An attack on one buffer, at three moments: while it is mapped for the device to write to, after
 * it was unmapped, and after the next flush.
 *
 * <p>The buffer of {@link #BUFFER_BYTES} lies in the middle of a page that else is full of the
 * kernel's pointers, as a network packet lies beside the fields that describe it. After the
 * unmapping the whole page belongs to somebody else, and is full of pointers.
 */
public final class Attack {
  /** Where the buffer begins in its page. */
  public static final int BUFFER_OFFSET = 64;

  /** The buffer's size. */
  public static final int BUFFER_BYTES = 1500;

  private static final long POINTER = 0xffff_8881_0000_0000L;
  private static final PhysRange BELOW_4_GIB = new PhysRange(0xfff0_0000L, 1L << 32);
  private static final DmaDirection DIRECTION = DmaDirection.FROM_DEVICE;

  private final Rig rig;
  private final Attacker attacker;
  private final ImmutableList<PhysRange> everywhere;

  private Attack(Rig rig) {
    this.rig = rig;
    this.attacker = new Attacker(rig.bus());
    this.everywhere =
        ImmutableList.<PhysRange>builder().addAll(rig.memory().ram()).add(BELOW_4_GIB).build();
  }

  /**
   * One moment of an attack.
   *
   * @param when {@code mapped}, {@code unmapped} or {@code flushed}
   * @param loot what the attacker got
   * @param pointersBroken how many pointers the CPU finds overwritten
   */
  public record Moment(String when, SweepResult loot, int pointersBroken) {
    /** Returns a line of a table, below {@link Attack#heading}. */
    public String line(String ops) {
      return String.format(
          Locale.ROOT,
          "%-9s %-9s %10d %13d %13d %15d",
          ops,
          when,
          loot.pagesRead(),
          loot.pagesWritten(),
          loot.pointersRead(),
          pointersBroken);
    }
  }

  /** Returns the head of a table of moments. */
  public static String heading() {
    return "ops       when      pages read pages written pointers read pointers broken";
  }

  /**
   * Lets the device that the rig has in hand attack, at all addresses where there is memory and in
   * the megabyte below 4 GiB, from which I/O addresses are handed out.
   */
  public static ImmutableList<Moment> on(Rig rig) {
    return new Attack(rig).run();
  }

  private ImmutableList<Moment> run() {
    rig.dma().setMask(rig.device(), DmaMapping.bitMask(Long.SIZE));
    long page = rig.allocPages(0);
    fillAroundBuffer(page);
    long dmaAddr =
        rig.dma()
            .mapPage(
                rig.device(), page, BUFFER_OFFSET, BUFFER_BYTES, DIRECTION, DmaAttributes.NONE);
    if (rig.dma().mappingError(dmaAddr)) {
      throw new AssertionError("the buffer is not mapped");
    }
    Moment mapped = moment("mapped", page);
    rig.dma().unmapPage(rig.device(), dmaAddr, BUFFER_BYTES, DIRECTION, DmaAttributes.NONE);
    fill(page, 0, PAGE_BYTES);
    Moment unmapped = moment("unmapped", page);
    rig.letTimersFlush();
    fill(page, 0, PAGE_BYTES);
    return ImmutableList.of(mapped, unmapped, moment("flushed", page));
  }

  private Moment moment(String when, long page) {
    int before = pointers(page);
    SweepResult loot = attacker.sweep(everywhere);
    return new Moment(when, loot, before - pointers(page));
  }

  private void fillAroundBuffer(long page) {
    fill(page, 0, BUFFER_OFFSET);
    fill(page, (BUFFER_OFFSET + BUFFER_BYTES + 7) & -8, PAGE_BYTES);
  }

  private void fill(long page, int from, int to) {
    for (int at = from; at < to; at += Long.BYTES) {
      rig.memory().write64(page + at, POINTER + at);
    }
  }

  private int pointers(long page) {
    int count = 0;
    for (int at = 0; at < PAGE_BYTES; at += Long.BYTES) {
      count += Attacker.isPointer(rig.memory().read64(page + at)) ? 1 : 0;
    }
    return count;
  }
}
