package org.iommu4j.vtd.fault;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.iommu.fault.FaultMessage;
import org.iommu4j.iommu.fault.FaultMessage.Kind;
import org.iommu4j.iommu.fault.FaultMessage.Reason;
import org.iommu4j.vtd.hw.format.BitField;
import org.iommu4j.vtd.hw.format.RegisterBits.FaultStatus;

/**
 * The lines that the Intel driver prints around faults: the status register, the dump of tables of
 * 6.1 and later, errors of the invalidation queue, page requests that cannot be served.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_fault}, {@code qi_dump_fault}; {@code
 * drivers/iommu/intel/iommu.c:dmar_fault_dump_ptes}; {@code
 * drivers/iommu/intel/svm.c:prq_event_thread} (6.12: {@code prq.c}).
 */
final class RelatedLines {
  private static final BitField PAGE_REQUEST_OVERFLOW = BitField.bit("PRO", 7);
  private static final String NUMBER = "(0x[0-9a-f]{1,16})";

  /** The bits of the status register, with what they say. */
  private static final ImmutableMap<BitField, String> STATUS =
      ImmutableMap.of(
          FaultStatus.PFO,
          "more faults than the unit can record: some are lost",
          FaultStatus.PPF,
          "faults are recorded",
          FaultStatus.IQE,
          "an error in the invalidation queue",
          FaultStatus.ICE,
          "a device answered an invalidation with an error",
          FaultStatus.ITE,
          "a device did not answer an invalidation in time",
          PAGE_REQUEST_OVERFLOW,
          "more page requests than the queue holds");

  private static final ImmutableMap<Pattern, Function<Matcher, FaultMessage>> FORMS =
      ImmutableMap.<Pattern, Function<Matcher, FaultMessage>>builder()
          .put(
              form("DRHD: handling fault status reg ([0-9a-f]{1,8})"),
              line -> related(status(Long.parseLong(line.group(1), 16))))
          .put(
              form("Dump (\\S{1,32}) table entries for IOVA " + NUMBER),
              line ->
                  related(
                      "what the tables of "
                          + line.group(1)
                          + " hold for a fault's address follows"))
          .put(
              form("(?:scalable mode )?root entry: .{1,80}"),
              line -> related("the root entry at a fault's address"))
          .put(
              form("context entry: hi " + NUMBER + ", low " + NUMBER),
              line -> related(context(Long.parseUnsignedLong(line.group(2).substring(2), 16))))
          .put(
              form("pasid (?:dir|table) entry.{1,60}"),
              line -> related("an entry of the PASID tables"))
          .put(
              form("pte level: (\\d), pte value: " + NUMBER),
              line ->
                  related(
                      entry(line.group(1), Long.parseUnsignedLong(line.group(2).substring(2), 16))))
          .put(
              form("page table not present at level (\\d)"),
              line ->
                  related(
                      "no page table of level "
                          + line.group(1)
                          + " at a fault's address: it is not mapped, or not any more"))
          .put(
              form(
                  "(root|context|pasid directory|pasid|(?:legacy|scalable) mode page) table is not present"),
              line -> related("there is no " + line.group(1) + " table at a fault's address"))
          .put(
              form(
                  "VT-d detected Invalidation (Queue|Time-out|Completion) Error: (\\S{1,8} [0-9a-f]{1,16})"),
              line -> trouble(line.group(1), line.group(2)))
          .put(
              form("VT-d detected invalid descriptor.{0,80}"),
              line -> trouble("Queue", "descriptor"))
          .put(
              form("QI (?:HEAD|PRIOR): .{0,100}"),
              line -> related("an entry of the invalidation queue"))
          .put(
              form("Invalidation (?:Queue|Time-out|Completion) Error \\((\\w{3})\\) cleared"),
              line -> related("the error " + line.group(1) + " was cleared"))
          .buildOrThrow();

  /**
   * What {@code svm.c} and {@code prq.c} print: they have no prefix but the unit's name, if that.
   */
  private static final Pattern PAGE_REQUEST =
      Pattern.compile(
          "\\bdmar\\d{1,4}: (?<named>Page request (?:without PASID|for invalid PASID|in Privilege Mode)"
              + "|Invalid page request|Address is not canonical|Execution request not supported)"
              + "|(?:^|[\\]>] )(?<bare>Unexpected page request in Privilege Mode"
              + "|Execution request not supported)$");

  private static final Pattern PAGE_REQUEST_OVERFLOW_LINE =
      Pattern.compile("\\bIOMMU: dmar\\d{1,4}: PRQ overflow (detected|cleared)");

  private RelatedLines() {}

  private static Pattern form(String text) {
    return Pattern.compile("DMAR: ?" + text);
  }

  static Optional<FaultMessage> decode(String line) {
    if (!line.contains("DMAR:")) {
      return pageRequest(line);
    }
    for (Map.Entry<Pattern, Function<Matcher, FaultMessage>> form : FORMS.entrySet()) {
      Matcher matcher = form.getKey().matcher(line);
      if (matcher.find()) {
        return Optional.of(form.getValue().apply(matcher));
      }
    }
    return Optional.empty();
  }

  private static Optional<FaultMessage> pageRequest(String line) {
    Matcher overflow = PAGE_REQUEST_OVERFLOW_LINE.matcher(line);
    if (overflow.find()) {
      return Optional.of(related("the page request queue has overflowed: " + overflow.group(1)));
    }
    Matcher request = PAGE_REQUEST.matcher(line);
    if (!request.find()) {
      return Optional.empty();
    }
    String words = request.group("named") == null ? request.group("bare") : request.group("named");
    Reason reason = new Reason(words, null, "a page request that is answered with a refusal");
    return Optional.of(FaultMessage.ofUnit(IntelFaultDecoder.VENDOR, Kind.UNIT, reason));
  }

  private static FaultMessage related(String remark) {
    return FaultMessage.related(IntelFaultDecoder.VENDOR, remark);
  }

  private static FaultMessage trouble(String kind, String detail) {
    String meaning =
        switch (kind) {
          case "Queue" -> "the unit found a command in its queue that it does not understand";
          case "Time-out" ->
              "a device did not answer when it was told to drop its translations: it hangs, is asleep"
                  + " or gone";
          default -> "a device answered an invalidation with an error";
        };
    return FaultMessage.ofUnit(
        IntelFaultDecoder.VENDOR,
        Kind.UNIT,
        new Reason("Invalidation " + kind + " Error", null, meaning),
        "the line says " + detail);
  }

  private static String status(long register) {
    StringJoiner says = new StringJoiner("; ");
    STATUS.forEach(
        (bit, words) -> {
          if (bit.isSet(register)) {
            says.add(words);
          }
        });
    return String.format(
        "the unit's fault status is 0x%x: %s", register, says.length() == 0 ? "nothing" : says);
  }

  private static String context(long low) {
    return (low & 1) == 0
        ? "the requester's context entry is not present"
        : "the requester's context entry is present";
  }

  private static String entry(String level, long value) {
    String rights =
        switch ((int) (value & 3)) {
          case 0 -> "not present";
          case 1 -> "readable";
          case 2 -> "writable";
          default -> "readable and writable";
        };
    return "a page-table entry of level " + level + " at a fault's address is " + rights;
  }
}
