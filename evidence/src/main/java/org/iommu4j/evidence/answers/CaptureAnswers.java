package org.iommu4j.evidence.answers;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.iommu4j.iommu.LinuxSystem;
import org.iommu4j.iommu.LogPrefixes;
import org.iommu4j.iommu.domain.DomainTypes;
import org.iommu4j.iommu.domain.ReservedRegion;
import org.iommu4j.iommu.release.KernelRules;
import org.iommu4j.machine.input.BadInputException;
import org.iommu4j.machine.input.FactTree;
import org.iommu4j.machine.input.KernelLog;
import org.iommu4j.machine.pci.PciAddress;

/**
 * What a kernel answered on the machine of a capture: groups, DMA ops, its log.
 *
 * <p>Immutable. Never an input of a decision: only of a comparison.
 *
 * <p>Source: {@code drivers/iommu/iommu.c:iommu_group_show_type, iommu_group_show_resv_regions}.
 */
public final class CaptureAnswers {
  private static final String GROUPS = "sys/kernel/iommu_groups";
  private static final String OPS = "lockstep/ops";
  private static final String LOG = "var/log/dmesg";
  private static final int OPS_LIMIT_BYTES = 2 << 20;
  private static final int SYSFS_LIMIT_BYTES = 64 << 10;
  private static final Splitter BLANKS = Splitter.on(' ').omitEmptyStrings();
  private static final Pattern DEVICE =
      Pattern.compile(
          "dev (\\S+) -> ops=(\\S+) domain=(-?\\d{1,9}) group=(-?\\d{1,9}) untrusted=([01])\\b.*");
  private static final String INTO_GROUP = "pci [0-9a-f:.]{1,20}: Adding to iommu group ";

  private final ImmutableSortedMap<Integer, GroupAnswer> groups;
  private final ImmutableMap<PciAddress, DeviceAnswer> devices;
  private final ImmutableList<String> log;

  private CaptureAnswers(FactTree tree) {
    this.groups = readGroups(tree);
    this.devices = readDevices(tree);
    Pattern ours = logLine();
    this.log =
        KernelLog.messages(tree.read(LOG, FactTree.TEXT_LIMIT_BYTES).text().orElse(""))
            .filter(line -> ours.matcher(line).matches())
            .collect(ImmutableList.toImmutableList());
  }

  private static Pattern logLine() {
    String beginnings =
        LogPrefixes.of(LinuxSystem.vendors()).stream()
            .map(Pattern::quote)
            .collect(Collectors.joining("|"));
    return Pattern.compile("(?:" + beginnings + "|" + INTO_GROUP + ").*");
  }

  /**
   * Reads the answers of a capture; those that are not there are empty.
   *
   * @throws BadInputException if there is no capture, or an answer cannot be one
   */
  public static CaptureAnswers read(Path capture) {
    return read(FactTree.open(capture));
  }

  /**
   * Reads the answers of a tree; those that are not there are empty.
   *
   * @throws BadInputException if an answer cannot be one
   */
  public static CaptureAnswers read(FactTree tree) {
    return tree.reading(() -> new CaptureAnswers(tree));
  }

  /** Returns whether there is no answer at all. */
  public boolean isEmpty() {
    return groups.isEmpty() && devices.isEmpty() && log.isEmpty();
  }

  /** Returns the groups by number; none if the kernel made none or they were not recorded. */
  public ImmutableSortedMap<Integer, GroupAnswer> groups() {
    return groups;
  }

  /** Returns the group that a function is in, if it is in any. */
  public Optional<GroupAnswer> groupOf(PciAddress device) {
    return groups.values().stream().filter(group -> group.devices().contains(device)).findFirst();
  }

  /** Returns what was recorded of DMA ops, by function; empty if it was not recorded. */
  public ImmutableMap<PciAddress, DeviceAnswer> devices() {
    return devices;
  }

  /**
   * Returns the lines of the kernel's log that tell of the IOMMU, in order and without times: those
   * that begin as the core's or a vendor's do, or say that a function was added to a group.
   *
   * @param rules which of them a boot of the release says as well
   */
  public ImmutableList<String> log(KernelRules rules) {
    return log.stream()
        .filter(line -> LogPrefixes.counts(line, rules.detection()))
        .collect(ImmutableList.toImmutableList());
  }

  private static ImmutableSortedMap<Integer, GroupAnswer> readGroups(FactTree tree) {
    ImmutableSortedMap.Builder<Integer, GroupAnswer> groups = ImmutableSortedMap.naturalOrder();
    for (String name : tree.list(GROUPS)) {
      String place = GROUPS + "/" + name;
      if (!name.matches("0|[1-9][0-9]{0,8}")) {
        throw BadInputException.atOffset(place, 0, "a group's name is its number", name);
      }
      ImmutableSortedSet<PciAddress> devices =
          tree.list(place + "/devices").stream()
              .flatMap(device -> PciAddress.parse(device).stream())
              .collect(ImmutableSortedSet.toImmutableSortedSet(Comparator.naturalOrder()));
      String type = tree.read(place + "/type", SYSFS_LIMIT_BYTES).text().orElse("").strip();
      int number = Integer.parseInt(name);
      groups.put(number, new GroupAnswer(number, type, regions(tree, place), devices));
    }
    return groups.buildOrThrow();
  }

  private static ImmutableList<ReservedRegion> regions(FactTree tree, String place) {
    String path = place + "/reserved_regions";
    ImmutableList.Builder<ReservedRegion> regions = ImmutableList.builder();
    List<String> lines = tree.read(path, SYSFS_LIMIT_BYTES).text().orElse("").lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      int line = i + 1;
      String text = lines.get(i);
      regions.add(
          region(text)
              .orElseThrow(
                  () -> BadInputException.atLine(path, line, "a region is FIRST LAST TYPE", text)));
    }
    return regions.build();
  }

  private static Optional<ReservedRegion> region(String line) {
    List<String> words = BLANKS.splitToList(line);
    if (words.size() != 3 || !words.stream().limit(2).allMatch(CaptureAnswers::isAddress)) {
      return Optional.empty();
    }
    for (ReservedRegion.Type type : ReservedRegion.Type.values()) {
      if (type.sysfsName().equals(words.get(2))) {
        return Optional.of(new ReservedRegion(address(words.get(0)), address(words.get(1)), type));
      }
    }
    return Optional.empty();
  }

  private static boolean isAddress(String word) {
    return word.matches("0x[0-9a-f]{1,16}");
  }

  private static long address(String word) {
    return Long.parseUnsignedLong(word.substring(2), 16);
  }

  private static ImmutableMap<PciAddress, DeviceAnswer> readDevices(FactTree tree) {
    Map<PciAddress, DeviceAnswer> devices = new LinkedHashMap<>();
    List<String> lines = tree.read(OPS, OPS_LIMIT_BYTES).text().orElse("").lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      Matcher line = DEVICE.matcher(lines.get(i));
      Optional<PciAddress> address =
          line.matches() ? PciAddress.parse(line.group(1)) : Optional.empty();
      if (address.isEmpty()) {
        throw BadInputException.atLine(
            OPS, i + 1, "a line is dev BDF -> ops= domain= group= untrusted=", lines.get(i));
      }
      devices.put(address.get(), device(address.get(), line));
    }
    return ImmutableMap.copyOf(devices);
  }

  private static DeviceAnswer device(PciAddress address, Matcher line) {
    String ops = line.group(2);
    return new DeviceAnswer(
        address,
        ops.equals("0x0") ? null : ops,
        DomainTypes.ofNumber(Integer.parseInt(line.group(3))).orElse(null),
        Integer.parseInt(line.group(4)),
        line.group(5).equals("1"));
  }
}
