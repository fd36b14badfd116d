package org.iommu4j.machine.input;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks a {@code .tar} or {@code .tar.gz} into memory, within fixed limits.
 *
 * <p>A reader of our own, since commons-compress 1.28 reads a long name, an extended header and a
 * sparse map of any size into memory and recurses once for each header of that kind: a few
 * kilobytes of a stranger's archive would end the process.
 */
final class TarFile {
  /** The most that is decompressed; a capture with a trace of many megabytes still fits. */
  static final long UNPACKED_LIMIT_BYTES = 512L << 20;

  /** The most that is kept of all members together. */
  static final long KEPT_LIMIT_BYTES = 64L << 20;

  private static final int MEMBER_LIMIT = 1 << 18;
  private static final int SYSFS_LIMIT_BYTES = 64 << 10;
  private static final String NAMES = "a member's name is relative and has no ..";

  private final MemoryTree tree;
  private final TarInput in;

  private TarFile(String file, InputStream in) {
    this.tree = new MemoryTree(file);
    this.in = new TarInput(file, in, UNPACKED_LIMIT_BYTES);
  }

  static MemoryTree read(Path path) {
    String file = path.toString();
    if (!Files.isRegularFile(path)) {
      throw BadInputException.atOffset(
          file, 0, "a machine is a directory or an archive", "no such file");
    }
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(path), 1 << 16)) {
      return unpack(file, raw);
    } catch (IOException e) {
      throw BadInputException.of(file, "the archive can be read", e);
    }
  }

  /** Unpacks what the stream holds; {@code raw} must support marks. */
  static MemoryTree unpack(String file, InputStream raw) throws IOException {
    raw.mark(2);
    boolean zipped = raw.read() == 0x1f && raw.read() == 0x8b;
    raw.reset();
    InputStream in;
    try {
      in = zipped ? new GZIPInputStream(raw, 1 << 16) : raw;
    } catch (IOException e) {
      throw BadInputException.of(file, "a gzip header is whole", e);
    }
    return new TarFile(file, in).run();
  }

  private MemoryTree run() {
    try {
      int members = 0;
      for (TarHeader header = in.next(); header != null; header = in.next()) {
        in.check(++members <= MEMBER_LIMIT, "an archive has at most 262144 members");
        take(header);
      }
      in.drain();
    } catch (EOFException e) {
      throw in.bad("an archive is whole", "it ends here");
    } catch (IOException e) {
      throw in.bad("an archive is whole", BadInputException.words(e));
    }
    return tree;
  }

  private void take(TarHeader header) throws IOException {
    String path = memberPath(header.name());
    switch (header.type()) {
      case '0', '\0', '7' -> takeFile(path, header.sizeBytes());
      case '1' -> takeHardLink(path, header.linkName());
      case '2' -> tree.addLink(path, header.linkName());
      case '5' -> tree.addDirectory(path);
      case 'S' -> throw in.bad("no member is sparse", header.name());
      default -> {} // devices, pipes and what other tars add hold no facts
    }
    checkHeld(0);
    in.skipMember();
  }

  private void checkHeld(long moreBytes) {
    boolean fits = tree.heldBytes() + moreBytes <= KEPT_LIMIT_BYTES;
    in.check(fits, "an archive holds at most 64 MiB of facts");
  }

  private void takeFile(String path, long sizeBytes) throws IOException {
    int limit = keepLimitBytes(path);
    if (limit == 0) {
      return;
    }
    if (sizeBytes > limit) {
      tree.addTooLarge(path);
      return;
    }
    checkHeld(sizeBytes);
    tree.addFile(path, in.readMember((int) sizeBytes));
  }

  // The target stands from the top of the archive on, a symbolic link's from its own directory on.
  private void takeHardLink(String path, String linkName) {
    String target = memberPath(linkName);
    long depth = path.chars().filter(c -> c == '/').count();
    tree.addLink(path, "../".repeat((int) depth) + target);
  }

  private String memberPath(String name) {
    in.check(!name.startsWith("/") && name.indexOf('\0') < 0, NAMES);
    StringBuilder path = new StringBuilder();
    for (String component : MemoryTree.COMPONENTS.split(name)) {
      in.check(!component.equals(".."), NAMES);
      if (!component.equals(".")) {
        path.append(path.isEmpty() ? "" : "/").append(component);
      }
    }
    return path.toString();
  }

  /** Returns how large a member may be to be kept; 0 for one that is never looked at. */
  private static int keepLimitBytes(String path) {
    String inner = firstKnown(path);
    if (inner == null) {
      return 0;
    }
    boolean sysfs = inner.startsWith("sys/") && !inner.startsWith("sys/firmware/");
    return sysfs ? SYSFS_LIMIT_BYTES : FactTree.TEXT_LIMIT_BYTES;
  }

  private static @Nullable String firstKnown(String path) {
    String inner = path;
    for (int depth = 0; depth < 2; depth++) {
      if (inner.matches("(?s)(proc|sys|boot|lockstep|var/log)/.*|machine\\.properties|trace")) {
        return inner;
      }
      inner = inner.substring(inner.indexOf('/') + 1);
    }
    return null;
  }
}
