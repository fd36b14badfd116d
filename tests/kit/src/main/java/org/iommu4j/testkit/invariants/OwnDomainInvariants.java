package org.iommu4j.testkit.invariants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.iommu4j.base.Errno;
import org.iommu4j.iommu.IommuApi;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.testkit.Rig;
import org.iommu4j.testkit.VendorFixture;

/**
 * What holds of a domain that is nobody's default: inherit and name the vendor.
 *
 * <p>An owner that unmaps what it has mapped sees what a map of pages would show: sizes,
 * translations, error numbers, and at the end every frame of the page table back.
 */
public abstract class OwnDomainInvariants {
  private static final long PAGE_BYTES = 4096;
  private static final long BASE_IOVA = 0x20_0000L;
  private static final int SPACE_PAGES = 4096;
  private static final int BOTH_WAYS = IommuDomain.READ | IommuDomain.WRITE;

  /** Makes the properties of a vendor. */
  protected OwnDomainInvariants() {}

  /** Returns the vendor. */
  protected abstract VendorFixture fixture();

  /** All of the above. */
  @Property(tries = 40)
  public void aTableIsAsAMapOfPages(
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = Integer.MAX_VALUE) Integer> choices) {
    run(fixture(), choices);
  }

  private static void run(VendorFixture fixture, List<Integer> choices) {
    Rig rig = Rig.boot(fixture);
    IommuApi iommu = rig.system().iommu();
    long before = rig.usedFrames();
    IommuDomain domain = Objects.requireNonNull(iommu.domainAlloc());
    assertEquals(0, iommu.attachDevice(domain, rig.address()));
    Owner owner = new Owner(iommu, domain);
    choices.forEach(owner::step);
    owner.unmapAll();
    List<Long> left = new ArrayList<>();
    domain.visit((iova, phys, length, level, bits) -> left.add(iova));
    assertEquals(List.of(), left);
    iommu.detachDevice(domain, rig.address());
    iommu.domainFree(domain);
    assertTrue(rig.usedFrames() <= before + 1, "one table of contexts may be new");
  }

  /** Maps at random, and remembers what. */
  private static final class Owner {
    private final IommuApi iommu;
    private final IommuDomain domain;
    private final TreeMap<Long, Long> sizes = new TreeMap<>();
    private final Map<Long, Long> physOf = new TreeMap<>();

    Owner(IommuApi iommu, IommuDomain domain) {
      this.iommu = iommu;
      this.domain = domain;
    }

    void step(int choice) {
      switch (choice % 8) {
        case 0, 1, 2, 3 -> map(choice / 8);
        case 4, 5 -> unmap(choice / 8);
        case 6 -> misuse(choice / 8);
        default -> look(choice / 8);
      }
    }

    private void map(int choice) {
      boolean aligned = choice % 2 == 0;
      int first = choice / 2 % SPACE_PAGES & (aligned ? -512 : -1);
      int pages = 1 + choice / 64 % 1100;
      long iova = BASE_IOVA + first * PAGE_BYTES;
      long phys = aligned ? 0x1000_0000L + first * PAGE_BYTES : 0x2000_3000L + first * PAGE_BYTES;
      if (overlaps(iova, pages * PAGE_BYTES)) {
        return;
      }
      assertEquals(0, iommu.map(domain, iova, phys, pages * PAGE_BYTES, BOTH_WAYS));
      sizes.put(iova, pages * PAGE_BYTES);
      for (int i = 0; i < pages; i++) {
        physOf.put(iova + i * PAGE_BYTES, phys + i * PAGE_BYTES);
      }
    }

    private boolean overlaps(long iova, long size) {
      Map.Entry<Long, Long> below = sizes.lowerEntry(iova + size);
      return below != null && below.getKey() + below.getValue() > iova;
    }

    private void unmap(int choice) {
      if (!sizes.isEmpty()) {
        unmap(new ArrayList<>(sizes.keySet()).get(choice % sizes.size()));
      }
    }

    private void unmap(long iova) {
      long size = Objects.requireNonNull(sizes.remove(iova));
      assertEquals(size, iommu.unmap(domain, iova, size));
      for (long at = iova; at < iova + size; at += PAGE_BYTES) {
        physOf.remove(at);
      }
      look(iova);
      look(iova - 1);
      look(iova + size);
    }

    private void misuse(int choice) {
      long iova = BASE_IOVA + choice % SPACE_PAGES * PAGE_BYTES;
      assertEquals(Errno.EINVAL, iommu.map(domain, iova + 1, 0, PAGE_BYTES, BOTH_WAYS));
      assertEquals(Errno.EINVAL, iommu.map(domain, iova, 0x10, PAGE_BYTES, BOTH_WAYS));
      assertEquals(Errno.EINVAL, iommu.map(domain, iova, 0, 1 + choice % 4095, BOTH_WAYS));
      assertEquals(0, iommu.map(domain, iova, 0x1000, 0, BOTH_WAYS));
      assertEquals(0, iommu.unmap(domain, iova + 8, PAGE_BYTES));
      long end = domain.geometry().lastIova() + 1;
      assertEquals(Errno.EFAULT, iommu.map(domain, end, 0x1000, PAGE_BYTES, BOTH_WAYS));
    }

    private void look(int choice) {
      look(BASE_IOVA + choice % (int) (SPACE_PAGES * PAGE_BYTES));
    }

    private void look(long iova) {
      Long phys = physOf.get(iova & -PAGE_BYTES);
      assertEquals(
          phys == null ? 0 : phys + (iova & PAGE_BYTES - 1), iommu.iovaToPhys(domain, iova));
    }

    void unmapAll() {
      while (!sizes.isEmpty()) {
        unmap(sizes.firstKey());
      }
    }
  }
}
