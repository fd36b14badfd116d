package org.iommu4j.machine.lspci;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.io.BaseEncoding;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.pci.PciAddress;
import org.iommu4j.machine.pci.PciFunctionFacts;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@code lspci} printed, with any of {@code -v -vv -vvv -x -xxx -xxxx -n -nn -D -k},
 * several listings of one machine in one text as well.
 *
 * <p>A dump counts more than the text. Lines that are neither (a prompt, a comment) are passed
 * over. Not thread-safe.
 */
public final class LspciText {
  private static final int FUNCTIONS_LIMIT = 8192;
  private static final int LINE_LIMIT = 4096;
  private static final Pattern TITLE =
      Pattern.compile("((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]) (.*)");
  private static final Pattern DUMP = Pattern.compile("([0-9a-f]{2,3}): (.*)");
  private static final Pattern DUMP_BYTES = Pattern.compile("[0-9a-f]{2}(?: [0-9a-f]{2}){0,15} ?");
  private static final Pattern DRIVER = Pattern.compile("Kernel driver in use: ([!-~]{1,64})");
  private static final Pattern BUS =
      Pattern.compile(
          "Bus: primary=([0-9a-f]{2}), secondary=([0-9a-f]{2}), subordinate=([0-9a-f]{2})\\b.*");

  private final String file;
  private final Map<PciAddress, FunctionText> functions = new LinkedHashMap<>();
  private @Nullable FunctionText current;
  private int line;
  private int blanksOfDetail;

  private LspciText(String file) {
    this.file = file;
  }

  /**
   * Reads a listing.
   *
   * @param file the file's name, for messages
   * @param text the listing
   * @throws BadInputException if it lists no function, or a dump in it is broken
   */
  public static LspciListing parse(String file, String text) {
    LspciText parser = new LspciText(file);
    for (Iterator<String> lines = text.lines().iterator(); lines.hasNext(); ) {
      String line = lines.next();
      parser.line++;
      parser.take(line.substring(0, Math.min(line.length(), LINE_LIMIT)));
    }
    return parser.listing();
  }

  private BadInputException bad(String rule, String detail) {
    return BadInputException.atLine(file, Math.max(1, line), rule, detail);
  }

  private void take(String text) {
    Matcher title = TITLE.matcher(text);
    if (title.matches()) {
      Optional<PciAddress> address = PciAddress.parse(title.group(1));
      current = address.map(this::function).orElse(null);
      if (current == null) {
        throw bad("a function is listed by its address", text);
      }
      current.takeTitle(title.group(2));
    } else if (current != null && !text.isBlank() && Character.isWhitespace(text.charAt(0))) {
      takeDetail(current, text.strip(), depth(text));
    } else if (current != null) {
      takeDump(current, text.strip());
    }
  }

  private FunctionText function(PciAddress address) {
    FunctionText function = functions.computeIfAbsent(address, FunctionText::new);
    if (functions.size() > FUNCTIONS_LIMIT) {
      throw bad("a listing has at most 8192 functions", address.toString());
    }
    return function;
  }

  // Mail and trackers turn a tab into some number of blanks: as many as the first detail has.
  private int depth(String text) {
    int blanks = text.length() - text.stripLeading().length();
    if (text.startsWith("\t")) {
      return blanks;
    }
    blanksOfDetail = blanksOfDetail == 0 ? blanks : blanksOfDetail;
    return Math.max(1, blanks / blanksOfDetail);
  }

  private static void takeDetail(FunctionText function, String detail, int depth) {
    if (depth > 1) {
      function.capabilities().takeDetail(detail, depth > 2);
      return;
    }
    if (detail.startsWith("Control:") || detail.startsWith("Flags:")) {
      function.capabilities().noteDetails();
    }
    function.capabilities().take(detail);
    Matcher driver = DRIVER.matcher(detail);
    if (driver.matches()) {
      function.takeDriver(driver.group(1));
    }
    ResourceText.parse(detail).ifPresent(function::takeResource);
    Matcher bus = BUS.matcher(detail);
    if (bus.matches()) {
      function.takeBusNumbers(
          Integer.parseInt(bus.group(1), 16),
          Integer.parseInt(bus.group(2), 16),
          Integer.parseInt(bus.group(3), 16));
    }
  }

  private void takeDump(FunctionText function, String text) {
    Matcher dump = DUMP.matcher(text);
    if (!dump.matches()) {
      return;
    }
    if (!DUMP_BYTES.matcher(dump.group(2)).matches()) {
      throw bad("a line of a dump has up to 16 hexadecimal bytes", text);
    }
    String digits = dump.group(2).replace(" ", "");
    byte[] bytes = BaseEncoding.base16().lowerCase().decode(digits);
    if (!function.takeDump(Integer.parseInt(dump.group(1), 16), bytes)) {
      throw bad("the lines of a dump follow each other", text);
    }
  }

  private LspciListing listing() {
    if (functions.isEmpty()) {
      throw bad("a listing has at least one function", "none in " + line + " lines");
    }
    Map<Long, Long> slots =
        functions.keySet().stream()
            .collect(Collectors.groupingBy(LspciText::slot, Collectors.counting()));
    ImmutableList.Builder<PciFunctionFacts> facts = ImmutableList.builder();
    ImmutableListMultimap.Builder<LspciGap, PciAddress> gaps = ImmutableListMultimap.builder();
    for (FunctionText function : functions.values()) {
      facts.add(function.build(slots.getOrDefault(slot(function.address()), 1L) > 1));
      function.gaps().forEach(gap -> gaps.put(gap, function.address()));
    }
    return new LspciListing(PciFunctionFacts.settleDrivers(facts.build()), gaps.build());
  }

  private static long slot(PciAddress address) {
    return (long) address.domain() << 13 | address.bus() << 5 | address.device();
  }
}
