package org.iommu4j.amdvi.fault;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.iommu.fault.FaultCondition;
import org.iommu4j.iommu.fault.FaultMessage;
import org.iommu4j.iommu.fault.FaultMessage.Access;
import org.iommu4j.iommu.fault.FaultMessage.Kind;
import org.iommu4j.iommu.fault.FaultMessage.Reason;
import org.iommu4j.iommu.fault.FaultMessage.Request;
import org.iommu4j.iommu.spi.FaultDecoder;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the AMD driver prints of events, from 5.10 to 6.12.
 *
 * <p>Source: {@code drivers/iommu/amd/iommu.c:iommu_print_event}, {@code
 * amd_iommu_report_page_fault}, {@code amd_iommu_int_thread}; {@code
 * drivers/iommu/amd/ppr.c:iommu_call_iopf_notifier}; {@code
 * drivers/iommu/amd/init.c:amd_iommu_restart_log}; AMD I/O Virtualization Technology specification,
 * section 2.5.
 */
public final class AmdFaultDecoder implements FaultDecoder {
  /** The vendor's name. */
  public static final String VENDOR = "AMD-Vi";

  private static final Pattern EVENT =
      Pattern.compile(
          "(?:(?<sender>[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]): )?"
              + "AMD-Vi: Event logged \\[(?<type>[A-Z_]{1,40})(?<rest>[ ,].{0,300})?");
  private static final Pattern FIELD = Pattern.compile("\\b(\\w{1,16})=([0-9a-zA-Z:.]{1,20})");
  private static final Pattern DUMP =
      Pattern.compile("AMD-Vi: (DTE|CMD)\\[(\\d)\\]: [0-9a-f]{8,16}");
  private static final Pattern NO_DOMAIN =
      Pattern.compile("AMD-Vi: Event logged \\[Device not attached to domain properly\\]");
  private static final Pattern WITHOUT_DOMAIN =
      Pattern.compile("AMD-Vi:   (?<rest>device=[0-9a-f:.]{7,12} domain=0x[0-9a-f]{4,8})");
  private static final Pattern INVALID_PASID =
      Pattern.compile(
          "AMD-Vi: Invalid PASID : (?<pasid>0x[0-9a-f]{1,8}), device : (?<device>0x[0-9a-f]{1,4})$");
  private static final Pattern LOG_FULL =
      Pattern.compile("AMD-Vi: IOMMU (event|GA|Event|PPR) [lL]og (?:overflow|restarting)");
  private static final Pattern TROUBLE =
      Pattern.compile(
          "AMD-Vi: (Completion-Wait loop timed out|Command buffer timeout|No event written to event"
              + " log|Unknown PPR request received)");

  /** Events by name: the hardware's number and what they mean. */
  private static final ImmutableMap<String, Event> EVENTS =
      ImmutableMap.<String, Event>builder()
          .put(
              "ILLEGAL_DEV_TABLE_ENTRY",
              new Event(
                  0x1,
                  FaultCondition.BAD_TABLES,
                  "the requester's entry of the device table has bits set that must not be"))
          .put(
              "IO_PAGE_FAULT",
              new Event(0x2, FaultCondition.NOT_GRANTED, "the domain does not grant the request"))
          .put(
              "DEV_TAB_HARDWARE_ERROR",
              new Event(0x3, FaultCondition.BAD_TABLES, "the device table cannot be read"))
          .put(
              "PAGE_TAB_HARDWARE_ERROR",
              new Event(0x4, FaultCondition.BAD_TABLES, "a page table cannot be read"))
          .put(
              "ILLEGAL_COMMAND_ERROR",
              new Event(0x5, null, "the IOMMU found a command that it does not understand"))
          .put(
              "COMMAND_HARDWARE_ERROR",
              new Event(0x6, null, "the IOMMU cannot read its command buffer"))
          .put(
              "IOTLB_INV_TIMEOUT",
              new Event(
                  0x7,
                  null,
                  "the device did not answer when it was told to drop its translations: it hangs, is"
                      + " asleep or gone"))
          .put(
              "INVALID_DEVICE_REQUEST",
              new Event(
                  0x8,
                  FaultCondition.REQUEST_TYPE,
                  "a request of a kind that the device's entry does not allow"))
          .put(
              "INVALID_PPR_REQUEST",
              new Event(
                  0x9,
                  FaultCondition.REQUEST_TYPE,
                  "a page request that the device's entry does not allow"))
          .put(
              "RMP_PAGE_FAULT",
              new Event(
                  0xd,
                  FaultCondition.NOT_GRANTED,
                  "the page belongs to an encrypted guest (SEV-SNP), which does not share it"))
          .put(
              "RMP_HW_ERROR",
              new Event(0xe, FaultCondition.BAD_TABLES, "the table of page owners cannot be read"))
          .put("UNKNOWN", new Event(null, null, "an event that the kernel does not know"))
          .buildOrThrow();

  /** One kind of event; without a condition it is not about a device's request. */
  private record Event(
      @Nullable Integer code, @Nullable FaultCondition condition, String meaning) {}

  /** Makes the decoder. */
  public AmdFaultDecoder() {}

  @Override
  public Optional<FaultMessage> decode(String line) {
    if (!line.contains("AMD-Vi: ")) {
      return Optional.empty();
    }
    Matcher event = EVENT.matcher(line);
    if (event.find() && EVENTS.containsKey(event.group("type"))) {
      return Optional.of(event(event, EVENTS.get(event.group("type"))));
    }
    Matcher withoutDomain = WITHOUT_DOMAIN.matcher(line);
    if (withoutDomain.find()) {
      return Optional.of(withoutDomain(fields(withoutDomain.group("rest"))));
    }
    Matcher pasid = INVALID_PASID.matcher(line);
    if (pasid.find()) {
      return Optional.of(invalidPasid(pasid));
    }
    Matcher trouble = TROUBLE.matcher(line);
    if (trouble.find()) {
      Reason reason = new Reason(trouble.group(1), null, "the IOMMU does not answer as it should");
      return Optional.of(FaultMessage.ofUnit(VENDOR, Kind.UNIT, reason));
    }
    return beside(line).map(remark -> FaultMessage.related(VENDOR, remark));
  }

  /** Returns what a line says that only goes with others, if it is one. */
  private static Optional<String> beside(String line) {
    if (NO_DOMAIN.matcher(line).find()) {
      return Optional.of("a device without a domain caused a fault (next line)");
    }
    Matcher dump = DUMP.matcher(line);
    if (dump.find()) {
      boolean entry = dump.group(1).equals("DTE");
      return Optional.of(entry ? "a part of the device's table entry" : "a part of the command");
    }
    Matcher full = LOG_FULL.matcher(line);
    return full.find()
        ? Optional.of(
            "more than the IOMMU's " + full.group(1) + " log holds: some entries are lost")
        : Optional.empty();
  }

  // The address and the flags of such a fault are in no line.
  private static FaultMessage withoutDomain(Map<String, String> fields) {
    return new FaultMessage(
        VENDOR,
        Kind.DMA,
        Request.by(requester(fields.get("device"), null)),
        new Reason("Device not attached to domain properly", null, "the device has no domain"),
        FaultCondition.NO_TABLES,
        ImmutableList.of("the device's domain is " + fields.get("domain")));
  }

  // The device is a requester's id, without a segment.
  private static FaultMessage invalidPasid(Matcher line) {
    int pasid = Integer.parseUnsignedInt(line.group("pasid").substring(2), 16);
    int id = Integer.parseInt(line.group("device").substring(2), 16);
    return new FaultMessage(
        VENDOR,
        Kind.DMA,
        Request.by(PciAddress.ofRequesterId(0, id)).withPasid(pasid == 0 ? null : pasid),
        new Reason(
            "Invalid PASID",
            null,
            pasid == 0
                ? "a page request without a PASID"
                : "a page request with a PASID that is larger than the device was given"),
        FaultCondition.NO_PASID,
        ImmutableList.of("the line has no PCI segment; 0000 is taken"));
  }

  private static FaultMessage event(Matcher line, @Nullable Event event) {
    if (event == null) {
      throw new AssertionError("the event is of the table");
    }
    String type = line.group("type");
    Map<String, String> fields = fields(line.group("rest"));
    Reason reason = new Reason(type, event.code(), event.meaning());
    PciAddress requester = requester(fields.get("device"), line.group("sender"));
    if (event.condition() == null) {
      return unitEvent(reason, fields, line.group("sender"));
    }
    List<String> remarks = new ArrayList<>();
    Long flags = number(fields.get("flags"));
    AmdEventFlags decoded = new AmdEventFlags(flags == null ? 0 : flags.intValue());
    boolean pageFault = type.equals("IO_PAGE_FAULT") && flags != null;
    if (pageFault) {
      remarks.addAll(decoded.words());
    }
    if (fields.containsKey("domain")) {
      remarks.add("the device's domain is " + fields.get("domain"));
    }
    Long address =
        number(fields.containsKey("address") ? fields.get("address") : fields.get("gpa"));
    Long pasid = number(fields.get("pasid"));
    boolean interrupt = pageFault && decoded.isInterrupt();
    return new FaultMessage(
        VENDOR,
        interrupt ? Kind.INTERRUPT : Kind.DMA,
        Request.by(requester)
            .withAccess(pageFault && !interrupt ? decoded.access() : Access.UNKNOWN)
            .withPasid(pasid == null || pasid == 0 ? null : pasid.intValue())
            .withAddress(address),
        reason,
        pageFault ? decoded.condition() : event.condition(),
        ImmutableList.copyOf(remarks));
  }

  // Who printed the line is the IOMMU: a device is concerned only if the event names one.
  private static FaultMessage unitEvent(
      Reason reason, Map<String, String> fields, @Nullable String sender) {
    List<String> remarks = new ArrayList<>();
    PciAddress device = requester(fields.get("device"), null);
    if (device != null) {
      remarks.add("the device is " + device);
    }
    if (sender != null) {
      remarks.add("the IOMMU is " + sender);
    }
    return FaultMessage.ofUnit(VENDOR, Kind.UNIT, reason, remarks.toArray(String[]::new));
  }

  private static Map<String, String> fields(@Nullable String rest) {
    Map<String, String> fields = new HashMap<>();
    Matcher field = FIELD.matcher(rest == null ? "" : rest);
    while (field.find()) {
      fields.putIfAbsent(field.group(1), field.group(2));
    }
    return fields;
  }

  private static @Nullable PciAddress requester(@Nullable String device, @Nullable String sender) {
    String named = device != null ? device : sender;
    return named == null ? null : PciAddress.parse(named).orElse(null);
  }

  private static @Nullable Long number(@Nullable String text) {
    if (text == null || !text.matches("0x[0-9a-fA-F]{1,16}")) {
      return null;
    }
    return Long.parseUnsignedLong(text.substring(2), 16);
  }
}
