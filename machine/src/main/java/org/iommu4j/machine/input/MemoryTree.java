package org.iommu4j.machine.input;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSortedSet;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A tree in memory, as an archive unpacks to. Filled by one thread, then only read. */
final class MemoryTree implements FactTree {
  private static final int LINK_LIMIT = 40; // MAXSYMLINKS of Linux
  private static final int NODE_BYTES = 256; // a node, its key and its entries, about
  static final Splitter COMPONENTS = Splitter.on('/').omitEmptyStrings();

  private final String name;
  private final Map<String, Node> nodes = new TreeMap<>();
  private final Map<String, TreeSet<String>> children = new HashMap<>();
  private long heldBytes;

  /** What lies at a path: a file, one that was too large to keep, or a link. */
  private record Node(@Nullable FactFile file, @Nullable String linkTarget) {}

  MemoryTree(String name) {
    this.name = name;
    children.put("", new TreeSet<>());
  }

  /** Returns about how much memory the tree takes. */
  long heldBytes() {
    return heldBytes;
  }

  void addFile(String path, byte[] bytes) {
    heldBytes += bytes.length;
    addNode(path, new Node(FactFile.of(path, bytes), null));
  }

  void addTooLarge(String path) {
    addNode(path, new Node(null, null));
  }

  void addLink(String path, String target) {
    heldBytes += 2L * target.length();
    addNode(path, new Node(null, target));
  }

  void addDirectory(String path) {
    if (children.putIfAbsent(path, new TreeSet<>()) == null) {
      addToParent(path);
    }
  }

  private void addNode(String path, Node node) {
    nodes.put(path, node);
    addToParent(path);
  }

  private void addToParent(String path) {
    heldBytes += NODE_BYTES + 4L * path.length();
    if (path.isEmpty()) {
      return;
    }
    int slash = path.lastIndexOf('/');
    String parent = slash < 0 ? "" : path.substring(0, slash);
    addDirectory(parent);
    children.computeIfAbsent(parent, key -> new TreeSet<>()).add(path.substring(slash + 1));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public FactFile read(String path, int limitBytes) {
    Node node = nodes.get(resolve(path));
    if (node == null) {
      return FactFile.absent(path);
    }
    if (node.file == null || node.file.sizeBytes() > limitBytes) {
      throw Limits.tooLarge(path, limitBytes);
    }
    return node.file.at(path);
  }

  @Override
  public ImmutableSortedSet<String> list(String path) {
    TreeSet<String> names = children.get(resolve(path));
    return names == null ? ImmutableSortedSet.of() : ImmutableSortedSet.copyOf(names);
  }

  @Override
  public Optional<String> linkName(String path) {
    int slash = path.lastIndexOf('/');
    String directory = slash < 0 ? "" : resolve(path.substring(0, slash)) + "/";
    String target = linkTarget(directory + path.substring(slash + 1));
    return target == null
        ? Optional.empty()
        : COMPONENTS.splitToStream(target).reduce((first, second) -> second);
  }

  private String resolve(String path) {
    Deque<String> left = new ArrayDeque<>(COMPONENTS.splitToList(path));
    String at = "";
    int links = 0;
    while (!left.isEmpty()) {
      String component = left.removeFirst();
      if (component.equals(".")) {
        continue;
      }
      if (component.equals("..")) {
        Limits.check(!at.isEmpty(), path, Limits.LINKS_STAY);
        at = at.substring(0, Math.max(0, at.lastIndexOf('/')));
        continue;
      }
      String next = at.isEmpty() ? component : at + "/" + component;
      String target = linkTarget(next);
      if (target == null) {
        at = next;
        continue;
      }
      Limits.check(++links <= LINK_LIMIT, path, Limits.LINKS_END);
      Limits.check(!target.startsWith("/"), path, Limits.LINKS_STAY);
      pushAll(COMPONENTS.splitToList(target), left);
    }
    return at;
  }

  private static void pushAll(List<String> components, Deque<String> left) {
    for (int i = components.size() - 1; i >= 0; i--) {
      left.addFirst(components.get(i));
    }
  }

  private @Nullable String linkTarget(String path) {
    Node node = nodes.get(path);
    return node == null ? null : node.linkTarget;
  }
}
