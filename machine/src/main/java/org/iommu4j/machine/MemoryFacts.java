package org.iommu4j.machine;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.FactTree;

/**
 * Reads the physical address map.
 *
 * <p>Source: {@code kernel/resource.c:r_show} ({@code /proc/iomem}), {@code
 * drivers/firmware/memmap.c} ({@code /sys/firmware/memmap}).
 */
final class MemoryFacts {
  private static final String IOMEM = "proc/iomem";
  private static final String MEMMAP = "sys/firmware/memmap";
  private static final int LINES_LIMIT = 65536;
  private static final Pattern LINE =
      Pattern.compile("\\s*([0-9a-fA-F]+)-([0-9a-fA-F]+) : ?(.*)", Pattern.DOTALL);

  private MemoryFacts() {}

  /** Returns the map, unless there is none or the user saw only zeros. */
  static Optional<MemoryMap> read(FactTree tree) {
    Optional<MemoryMap> iomem =
        tree.read(IOMEM, FactTree.TEXT_LIMIT_BYTES)
            .text()
            .map(text -> parseIomem(IOMEM, text))
            .filter(map -> !map.isUnknown());
    return iomem.isPresent() ? iomem : readMemmap(tree);
  }

  static MemoryMap parseIomem(String file, String text) {
    ImmutableList.Builder<AddressRange> ranges = ImmutableList.builder();
    List<String> lines = text.lines().limit(LINES_LIMIT + 1L).toList();
    if (lines.size() > LINES_LIMIT) {
      throw BadInputException.atLine(file, LINES_LIMIT, "a map has at most 65536 lines", "more");
    }
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      Matcher line = LINE.matcher(lines.get(i));
      if (!line.matches()) {
        throw BadInputException.atLine(file, i + 1, "a line is FIRST-LAST : NAME", lines.get(i));
      }
      ranges.add(Hex.range(file, i + 1, line.group(1), line.group(2), line.group(3).strip()));
    }
    return MemoryMap.of(ranges.build());
  }

  private static Optional<MemoryMap> readMemmap(FactTree tree) {
    E820 map = new E820();
    for (String entry : tree.list(MEMMAP)) {
      String place = MEMMAP + "/" + entry;
      Optional<String> first = tree.read(place + "/start", FactTree.SYSFS_LIMIT_BYTES).text();
      Optional<String> last = tree.read(place + "/end", FactTree.SYSFS_LIMIT_BYTES).text();
      Optional<String> type = tree.read(place + "/type", FactTree.SYSFS_LIMIT_BYTES).text();
      if (first.isPresent() && last.isPresent() && type.isPresent()) {
        map.add(Hex.range(place, 1, first.get(), last.get(), memmapName(type.get().strip())));
      }
    }
    map.trimBiosRange();
    return map.isEmpty() ? Optional.empty() : Optional.of(map.toMemoryMap());
  }

  // Before Linux 4.16 the type was printed in lower case here.
  private static String memmapName(String type) {
    return type.equals("reserved") ? MemoryMap.RESERVED : type;
  }
}
