package org.iommu4j.iommu.policy.params;

import static org.iommu4j.iommu.policy.params.WordRule.equalTo;

import com.google.common.collect.ImmutableList;
import org.iommu4j.base.ReleaseSpan;
import org.iommu4j.iommu.policy.params.KernelValues.Prefix;
import org.iommu4j.iommu.policy.params.WordVerdict.Verdict;
import org.iommu4j.machine.CommandLine.Parameter;
import org.iommu4j.swiotlb.PoolShape;
import org.iommu4j.swiotlb.SwiotlbForce;
import org.iommu4j.swiotlb.SwiotlbPool;
import org.iommu4j.swiotlb.SwiotlbRules;

/**
 * The value of {@code swiotlb=}: a number of slots, in releases that have areas a number of them,
 * and one word compared as a whole, with commas between.
 *
 * <p>Source: {@code kernel/dma/swiotlb.c:setup_io_tlb_npages}.
 */
final class SwiotlbWords {
  private static final String SOURCE = "kernel/dma/swiotlb.c:setup_io_tlb_npages";

  /** The words, compared as a whole. */
  static final WordTable TABLE =
      new WordTable(
          "swiotlb",
          SOURCE,
          ImmutableList.of(
              equalTo(
                      "force",
                      "a bounce pool is made, every direct mapping bounces, and no hardware IOMMU"
                          + " is looked for")
                  .set(Variables.SWIOTLB_FORCE, SwiotlbForce.FORCE.name())
                  .in(ReleaseSpan.until("5.19")),
              equalTo("force", "a bounce pool is made, and every direct mapping bounces")
                  .set(Variables.FORCE_BOUNCE, "1")
                  .in(ReleaseSpan.since("5.19")),
              equalTo("noforce", "no direct mapping bounces; a pool, if any, has one slot")
                  .set(Variables.SWIOTLB_FORCE, SwiotlbForce.NO_FORCE.name())
                  .set(Variables.SLOTS, "1")
                  .in(ReleaseSpan.until("5.19")),
              equalTo("noforce", "no bounce pool is made, whatever else asks for one")
                  .set(Variables.FORCE_DISABLE, "1")
                  .in(ReleaseSpan.since("5.19"))));

  /** No machine has more; the kernel takes any number and fails later. */
  private static final long MOST_AREAS = 1 << 16;

  private final WordTable words;
  private final SwiotlbRules slots;

  SwiotlbWords(WordTable words, SwiotlbRules slots) {
    this.words = words;
    this.slots = slots;
  }

  void apply(WordLedger ledger, int index, Parameter parameter, boolean built) {
    String value = parameter.value();
    ParameterWord word = ParameterWord.value(index, parameter);
    if (!built) {
      String why = "this kernel is built without CONFIG_SWIOTLB";
      ledger.note(word, Verdict.NO_EFFECT_HERE, why, SOURCE);
    } else if (value == null) {
      String why = "without a value the kernel follows a null pointer and the boot ends there";
      ledger.note(word, Verdict.MALFORMED, why, SOURCE);
    } else if (value.isEmpty()) {
      ledger.note(word, Verdict.IGNORED, "the value is empty", SOURCE);
    } else {
      number(ledger, word);
    }
  }

  private void number(WordLedger ledger, ParameterWord word) {
    int at = 0;
    String text = word.text();
    if (KernelValues.startsWithDigit(text)) {
      Prefix number = KernelValues.unsignedLong(text);
      long segmentSlots = slots.segmentSlots();
      long asked = (number.value() + segmentSlots - 1) & -segmentSlots;
      at = number.length();
      ledger.enter(
          word.part(0, at),
          equalTo("", size(asked)).set(Variables.SLOTS, Long.toUnsignedString(asked)),
          SOURCE);
    }
    at += text.startsWith(",", at) ? 1 : 0;
    if (hasAreas() && KernelValues.startsWithDigit(text.substring(at))) {
      at += areas(ledger, word.part(at, text.length()));
      at += text.startsWith(",", at) ? 1 : 0;
    }
    if (at < text.length()) {
      rest(ledger, word.part(at, text.length()));
    } else if (text.equals(",")) {
      ledger.note(word, Verdict.IGNORED, "nothing stands before or behind the comma", SOURCE);
    }
  }

  private boolean hasAreas() {
    return slots.areas() != SwiotlbRules.Areas.ONE;
  }

  /** Reads a number of areas; returns how many characters it has. */
  private int areas(WordLedger ledger, ParameterWord word) {
    Prefix number = KernelValues.unsignedLong(word.text());
    String known = ledger.variables().get(Variables.SLOTS);
    long asked = known == null ? PoolShape.SLOTS_NOT_ASKED : Long.parseUnsignedLong(known);
    int areas = (int) Math.min(number.value() & 0xffff_ffffL, MOST_AREAS);
    PoolShape shape = PoolShape.of(slots, asked, areas, 1, ledger::log);
    ledger.enter(
        word.part(0, number.length()),
        equalTo("", "a pool, if any, has " + shape.areas() + " areas, each with a lock")
            .set(Variables.AREAS, Integer.toString(shape.areas()))
            .set(Variables.SLOTS, Long.toUnsignedString(shape.slots())),
        SOURCE);
    return number.length();
  }

  private void rest(WordLedger ledger, ParameterWord word) {
    if (word.text().startsWith("force,") || word.text().startsWith("noforce,")) {
      String why = "the rest is compared as a whole, so all of it is lost: the number comes first";
      ledger.note(word, Verdict.UNKNOWN, why, SOURCE);
    } else {
      words.judge(ledger, word);
    }
  }

  private String size(long asked) {
    if (asked == 0 && hasAreas()) {
      return "a pool, if any, has as few slots as it may";
    }
    if (asked == 0) {
      return "0 slots mean the usual " + (slots.defaultBytes() >> 20) + " MiB";
    }
    String kib = Long.toUnsignedString((asked * SwiotlbPool.SLOT_BYTES) >>> 10);
    return "a pool, if any, has " + Long.toUnsignedString(asked) + " slots (" + kib + " KiB)";
  }
}
