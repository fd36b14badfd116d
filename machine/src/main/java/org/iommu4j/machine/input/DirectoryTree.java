package org.iommu4j.machine.input;

import com.google.common.collect.ImmutableSortedSet;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A tree that is a directory of this host.
 *
 * <p>A file counts only if its real path lies below the real path of the root and it is a regular
 * file, so that neither a link nor a pipe or device in a stranger's directory is ever opened.
 */
final class DirectoryTree implements FactTree {
  private static final int NAMES_LIMIT = 65536;

  private final String name;
  private final Path root;

  private DirectoryTree(String name, Path root) {
    this.name = name;
    this.root = root;
  }

  static DirectoryTree open(Path directory) {
    try {
      return new DirectoryTree(directory.toString(), directory.toRealPath());
    } catch (IOException e) {
      throw BadInputException.of(
          directory.toString(), "a machine is a directory that can be read", e);
    }
  }

  static DirectoryTree host() {
    return new DirectoryTree("this host", Path.of("/"));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public FactFile read(String path, int limitBytes) {
    try {
      Path real = resolve(path);
      if (real == null) {
        return FactFile.absent(path);
      }
      if (!Files.isRegularFile(real)) {
        return FactFile.unreadable(path, "it is no regular file");
      }
      try (InputStream in = Files.newInputStream(real)) {
        // The kernel's own files have no size to ask for: they end where reading ends.
        return FactFile.of(path, Limits.readAll(in, limitBytes, path));
      }
    } catch (NoSuchFileException e) {
      return FactFile.absent(path);
    } catch (IOException e) {
      return FactFile.unreadable(path, BadInputException.words(e));
    }
  }

  @Override
  public ImmutableSortedSet<String> list(String path) {
    ImmutableSortedSet.Builder<String> names = ImmutableSortedSet.naturalOrder();
    try {
      Path real = resolve(path);
      if (real == null || !Files.isDirectory(real)) {
        return ImmutableSortedSet.of();
      }
      try (DirectoryStream<Path> children = Files.newDirectoryStream(real)) {
        int count = 0;
        for (Path child : children) {
          Limits.check(++count <= NAMES_LIMIT, path, "a directory has at most 65536 names");
          names.add(String.valueOf(child.getFileName()));
        }
      }
    } catch (NotDirectoryException | NoSuchFileException | AccessDeniedException e) {
      return ImmutableSortedSet.of();
    } catch (DirectoryIteratorException e) {
      throw BadInputException.of(
          path, "a directory can be listed", Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw BadInputException.of(path, "a directory can be listed", e);
    }
    return names.build();
  }

  @Override
  public Optional<String> linkName(String path) {
    int slash = path.lastIndexOf('/');
    try {
      Path directory = resolve(slash < 0 ? "." : path.substring(0, slash));
      if (directory == null) {
        return Optional.empty();
      }
      Path link = directory.resolve(path.substring(slash + 1));
      return Files.isSymbolicLink(link)
          ? Optional.ofNullable(Files.readSymbolicLink(link).getFileName()).map(Path::toString)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private @Nullable Path resolve(String path) throws IOException {
    Path wanted = root.resolve(path);
    Path real;
    try {
      real = wanted.toRealPath();
    } catch (NoSuchFileException | AccessDeniedException e) {
      throw e;
    } catch (FileSystemLoopException e) {
      throw loop(path);
    } catch (IOException e) {
      // ELOOP comes as a plain FileSystemException.
      if (Files.exists(wanted, LinkOption.NOFOLLOW_LINKS) && !Files.exists(wanted)) {
        throw loop(path);
      }
      throw e;
    }
    Limits.check(real.startsWith(root), path, Limits.LINKS_STAY);
    return real;
  }

  private static BadInputException loop(String path) {
    return BadInputException.atOffset(path, 0, Limits.LINKS_END, "this one does not");
  }
}
