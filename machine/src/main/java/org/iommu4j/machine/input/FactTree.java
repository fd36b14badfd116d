package org.iommu4j.machine.input;

import com.google.common.collect.ImmutableSortedSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.iommu4j.base.Pages;

/**
 * A read-only tree of files laid out like a machine's own {@code /}: a directory, an archive, or
 * this host.
 *
 * <p>Paths are relative, with slashes: {@code proc/cmdline}. Symbolic links are followed inside of
 * the tree. Implementations must be safe for use by many threads, must never hand out what lies
 * outside of the tree, and must throw {@link BadInputException} and nothing else for a tree that
 * cannot be read: a link that loops or leads out, a file larger than its limit, a broken archive.
 */
public interface FactTree {
  /** The limit for a text, in bytes. */
  int TEXT_LIMIT_BYTES = 16 << 20;

  /** How long a file of sysfs may be: a page. */
  int SYSFS_LIMIT_BYTES = Pages.PAGE_BYTES;

  /** Returns where the tree came from, for people. */
  String name();

  /**
   * Reads a file; one that is absent, or that the user may not read, is returned as such.
   *
   * @param path the file's path from the root of the tree on
   * @param limitBytes the most that such a file can have
   * @throws BadInputException if the file is larger or a link on its way is bad
   */
  FactFile read(String path, int limitBytes);

  /**
   * Returns the names in a directory, sorted; none if there is no such directory.
   *
   * @throws BadInputException if a link on its way is bad
   */
  ImmutableSortedSet<String> list(String path);

  /**
   * Returns the last name in the target of a symbolic link, whether or not the target is there;
   * empty if there is no such link, as in a tree without links.
   *
   * @throws BadInputException if a link on its way is bad
   */
  default Optional<String> linkName(String path) {
    return Optional.empty();
  }

  /**
   * Opens a tree: a directory, a {@code .tar}, or a {@code .tar.gz}; one directory around the tree
   * is looked through.
   *
   * @throws BadInputException if there is no such tree, or the archive is broken, unsafe or too
   *     large
   */
  static FactTree open(Path path) {
    FactTree tree = Files.isDirectory(path) ? DirectoryTree.open(path) : TarFile.read(path);
    return SubTree.withoutOuterDirectory(tree);
  }

  /**
   * Runs what reads the tree; where that throws, the exception names the tree before the file.
   *
   * @throws BadInputException if the reading does
   */
  default <T> T reading(Supplier<T> work) {
    try {
      return work.get();
    } catch (BadInputException e) {
      throw e.within(name());
    }
  }

  /** Returns the tree of this host, {@code /}. */
  static FactTree live() {
    return DirectoryTree.host();
  }
}
