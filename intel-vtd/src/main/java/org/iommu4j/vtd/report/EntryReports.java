package org.iommu4j.vtd.report;

import static org.iommu4j.base.Pages.OFFSET_MASK;

import com.google.common.collect.ImmutableList;
import org.iommu4j.base.Pages;
import org.iommu4j.iommu.spi.TableWalk.Entry;
import org.iommu4j.iommu.spi.TableWalk.Field;
import org.iommu4j.iommu.spi.TableWalk.Word;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.vtd.hw.ContextLookup;
import org.iommu4j.vtd.hw.PageTableWalk;
import org.iommu4j.vtd.hw.PagingRules;
import org.iommu4j.vtd.hw.PasidPath;
import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.ContextEntry;
import org.iommu4j.vtd.hw.format.FaultReason;
import org.iommu4j.vtd.hw.format.RootEntry;
import org.iommu4j.vtd.hw.format.SecondLevelEntry;
import org.jspecify.annotations.Nullable;

/** Says of each entry that the hardware read what its bits mean and where it leads. */
final class EntryReports {
  private static final BitField[] ROOT_LOW = {RootEntry.P, RootEntry.CTP};
  private static final BitField[] CONTEXT_LOW = {
    ContextEntry.P, ContextEntry.FPD, ContextEntry.TT, ContextEntry.SLPTPTR
  };
  private static final BitField[] CONTEXT_HIGH = {
    ContextEntry.AW, ContextEntry.AVAIL, ContextEntry.DID
  };
  private static final BitField[] TABLE = {
    SecondLevelEntry.R, SecondLevelEntry.W, SecondLevelEntry.PS, SecondLevelEntry.ADDR
  };
  private static final BitField[] LEAF = {
    SecondLevelEntry.R,
    SecondLevelEntry.W,
    SecondLevelEntry.PS,
    SecondLevelEntry.SNP,
    SecondLevelEntry.ADDR,
    SecondLevelEntry.TM
  };

  private EntryReports() {}

  /** Returns the entries of a lookup that could be read. */
  static ImmutableList<Entry> of(ContextLookup lookup) {
    ImmutableList.Builder<Entry> entries = ImmutableList.builder();
    RootEntry root = lookup.root();
    if (root != null) {
      entries.add(root(lookup, root));
    }
    ContextEntry context = lookup.context();
    PasidPath pasid = lookup.pasid();
    if (pasid != null) {
      entries.addAll(PasidReports.of(lookup, pasid));
    } else if (context != null) {
      entries.add(context(lookup, context));
    }
    return entries.build();
  }

  private static Entry root(ContextLookup lookup, RootEntry root) {
    PciAddress requester = PciAddress.ofRequesterId(0, lookup.sourceId());
    boolean last = lookup.context() == null && lookup.pasid() == null && lookup.fault() != null;
    long tablePhys =
        lookup.pasid() == null ? root.contextTablePhys() : Pages.alignDown(lookup.contextPhys());
    return new Entry(
        String.format("root entry of bus %02x", requester.bus()),
        lookup.rootPhys(),
        ImmutableList.of(word(root.low(), 0, "", ROOT_LOW), word(root.high(), 0, "")),
        last ? nowhere(lookup.fault()) : String.format("context table at 0x%x", tablePhys));
  }

  private static Entry context(ContextLookup lookup, ContextEntry context) {
    PciAddress requester = PciAddress.ofRequesterId(0, lookup.sourceId());
    Word high = word(context.high(), 0, "", CONTEXT_HIGH);
    FaultReason fault = lookup.fault();
    String leadsTo =
        context.translationType() == ContextEntry.TT_PASS_THROUGH
            ? "memory: requests pass through, addresses are physical"
            : String.format("table of level %d at 0x%x", context.levels(), context.pageTablePhys());
    return new Entry(
        String.format("context entry of %02x.%x", requester.device(), requester.function()),
        lookup.contextPhys(),
        ImmutableList.of(word(context.low(), 0, "", CONTEXT_LOW), high),
        fault == null ? leadsTo : nowhere(fault));
  }

  /** Returns the entries of a walk through page tables. */
  static ImmutableList<Entry> of(PageTableWalk walk, PagingRules rules) {
    ImmutableList.Builder<Entry> entries = ImmutableList.builder();
    for (int step = 0; step < walk.steps(); step++) {
      entries.add(page(walk, rules, step));
    }
    return entries.build();
  }

  private static Entry page(PageTableWalk walk, PagingRules rules, int step) {
    int level = walk.level(step);
    long entry = walk.entry(step);
    boolean leaf = SecondLevelEntry.isLeaf(entry, level);
    FaultReason fault = step == walk.steps() - 1 ? walk.fault() : null;
    String page = leaf ? pageSize(SecondLevelEntry.pageBytes(level)) + " page" : "";
    String leadsTo =
        leaf
            ? String.format("%s at 0x%x", page, SecondLevelEntry.phys(entry))
            : String.format("table of level %d at 0x%x", level - 1, SecondLevelEntry.phys(entry));
    return new Entry(
        String.format("level %d entry 0x%03x", level, (walk.entryPhys(step) & OFFSET_MASK) >> 3),
        walk.entryPhys(step),
        ImmutableList.of(word(entry, rules.reservedBits(entry, level), page, leaf ? LEAF : TABLE)),
        fault == null ? leadsTo : nowhere(entry, fault));
  }

  private static String nowhere(long entry, FaultReason fault) {
    return SecondLevelEntry.isPresent(entry) ? nowhere(fault) : "nowhere: neither R nor W is set";
  }

  /** Returns a size as people write it. */
  static String pageSize(long bytes) {
    int shift = Long.numberOfTrailingZeros(bytes);
    return shift >= 30
        ? (bytes >> 30) + " GiB"
        : shift >= 20 ? (bytes >> 20) + " MiB" : (bytes >> 10) + " KiB";
  }

  static String nowhere(@Nullable FaultReason fault) {
    return fault == null ? "nowhere" : "nowhere: " + fault.words();
  }

  static Word word(long bits, long reserved, String page, BitField... fields) {
    ImmutableList.Builder<Field> all = ImmutableList.builder();
    long other = bits;
    for (BitField field : fields) {
      all.add(new Field(field.name(), field.get(bits), meaning(field, field.get(bits), page)));
      other &= ~field.mask();
    }
    if (reserved != 0) {
      all.add(new Field("reserved", reserved, "must be zero"));
    } else if (other != 0) {
      all.add(new Field("other", other, ""));
    }
    return new Word(bits, all.build());
  }

  private static String meaning(BitField field, long value, String page) {
    if (field.equals(ContextEntry.TT)) {
      return switch ((int) value) {
        case ContextEntry.TT_UNTRANSLATED -> "untranslated requests";
        case ContextEntry.TT_DEVICE_TLB -> "all requests, by a device TLB too";
        case ContextEntry.TT_PASS_THROUGH -> "pass through";
        default -> "reserved";
      };
    }
    if (field.equals(ContextEntry.AW)) {
      return String.format("%d levels, %d bits", value + 2, 12 + 9 * (value + 2));
    }
    if (field.equals(ContextEntry.DID)) {
      return "domain " + value;
    }
    return field.equals(SecondLevelEntry.PS) && value == 1 ? page : "";
  }
}
