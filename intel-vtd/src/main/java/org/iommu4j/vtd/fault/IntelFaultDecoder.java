package org.iommu4j.vtd.fault;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.iommu.fault.FaultMessage;
import org.iommu4j.iommu.fault.FaultMessage.Access;
import org.iommu4j.iommu.fault.FaultMessage.Kind;
import org.iommu4j.iommu.fault.FaultMessage.Reason;
import org.iommu4j.iommu.fault.FaultMessage.Request;
import org.iommu4j.iommu.spi.FaultDecoder;
import org.iommu4j.machine.pci.PciAddress;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the Intel driver prints of faults, from 5.10 to 6.12.
 *
 * <p>Source: {@code drivers/iommu/intel/dmar.c:dmar_fault_do_one}, of each of these releases.
 */
public final class IntelFaultDecoder implements FaultDecoder {
  /** The vendor's name. */
  public static final String VENDOR = "Intel VT-d";

  private static final long NO_PASID = 0xffff_ffffL;

  private static final Pattern FAULT =
      Pattern.compile(
          "DMAR: ?\\[(?<what>DMA Read|DMA Write|INTR-REMAP)"
              + "(?<none> NO_PASID)?(?: PASID (?:0x)?(?<pasid>[0-9a-fA-F]{1,8}))?\\]"
              + " Request device \\[{1,2}(?:0x)?(?<bus>[0-9a-fA-F]{2}):"
              + "(?:0x)?(?<slot>[01][0-9a-fA-F])\\.(?:0x)?(?<fn>[0-7])\\]"
              + "(?: PASID (?<old>[0-9a-fA-F]{1,8}))?"
              + " fault (?:addr|index) (?:0x)?(?<where>[0-9a-fA-F]{1,16}),?"
              + " {0,3}\\[fault reason (?<base>0x)?(?<reason>[0-9a-fA-F]{1,3})\\] ?(?<words>.{0,100})");

  /** Makes the decoder. */
  public IntelFaultDecoder() {}

  @Override
  public Optional<FaultMessage> decode(String line) {
    Matcher fault = FAULT.matcher(line);
    return fault.find() ? fault(fault) : RelatedLines.decode(line);
  }

  private static Optional<FaultMessage> fault(Matcher line) {
    List<String> remarks = new ArrayList<>();
    Integer code = code(line, remarks);
    if (code == null) {
      return Optional.empty();
    }
    ReasonTable.Row row = ReasonTable.of(code);
    String words = line.group("words").strip();
    if (!words.isEmpty() && !words.startsWith(row.words())) {
      remarks.add(
          "the kernel's words are \""
              + words
              + "\", its words for this reason are \""
              + row.words()
              + "\": the line is cut, changed, or of another kernel");
    }
    boolean interrupt = line.group("what").equals("INTR-REMAP");
    long where = Long.parseUnsignedLong(line.group("where"), 16);
    remarks.add("the line has no PCI segment; 0000 is taken");
    Request request =
        Request.by(requester(line)).withAccess(access(line.group("what"))).withPasid(pasid(line));
    return Optional.of(
        new FaultMessage(
            VENDOR,
            interrupt ? Kind.INTERRUPT : Kind.DMA,
            interrupt ? request.withInterruptIndex(where) : request.withAddress(where),
            new Reason(printed(line), code, row.meaning()),
            row.condition(),
            ImmutableList.copyOf(remarks)));
  }

  private static PciAddress requester(Matcher line) {
    return new PciAddress(
        0,
        Integer.parseInt(line.group("bus"), 16),
        Integer.parseInt(line.group("slot"), 16),
        Integer.parseInt(line.group("fn")));
  }

  private static Access access(String what) {
    return switch (what) {
      case "DMA Read" -> Access.READ;
      case "DMA Write" -> Access.WRITE;
      default -> Access.UNKNOWN;
    };
  }

  private static String printed(Matcher line) {
    return (line.group("base") == null ? "" : "0x") + line.group("reason");
  }

  // 5.10 prints decimal numbers, 6.1 and later hexadecimal ones, and those with 0x.
  private static @Nullable Integer code(Matcher line, List<String> remarks) {
    String digits = line.group("reason");
    boolean hexadecimal = line.group("base") != null;
    if (!hexadecimal && !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return null;
    }
    int code = Integer.parseInt(digits, hexadecimal ? 16 : 10);
    if (code > 0xff) {
      return null;
    }
    remarks.add(
        hexadecimal
            ? String.format(
                "the reason has 0x, so it is hexadecimal, as newer kernels print it (%d)", code)
            : String.format(
                "the reason has no 0x, so it is decimal, as 5.10 prints it (0x%02x)", code));
    return code;
  }

  private static @Nullable Integer pasid(Matcher line) {
    String text = line.group("pasid") != null ? line.group("pasid") : line.group("old");
    if (line.group("none") != null || text == null) {
      return null;
    }
    long value = Long.parseLong(text, 16);
    return value == NO_PASID ? null : (int) value;
  }
}
